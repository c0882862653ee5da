using System;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>A script block as the body of tasks: one instance for all that one cmdlet sends.</summary>
internal sealed class ScriptBlockTask : IHostedDispatchable
{
    private readonly ScriptInvocation _script;

    internal ScriptBlockTask(ScriptInvocation script) => _script = script;

    /// <inheritdoc/>
    public void Execute(TaskContext context)
    {
        if (context.Host is not IScriptHost host)
        {
            throw new InvalidOperationException("A script block runs on a dispatcher that was made by New-Dispatcher.");
        }

        try
        {
            host.Execute(_script, context);
        }
        catch (ActionPreferenceStopException e) when (_script.FailOnError && e.ErrorRecord.Exception is { } cause)
        {
            // The error itself, and not that the preference made it one.
            throw new RuntimeException(cause.Message, cause, e.ErrorRecord);
        }

        if (_script.FailOnError && context.FirstError is { } error)
        {
            throw new TaskErrorsException(error);
        }
    }
}
