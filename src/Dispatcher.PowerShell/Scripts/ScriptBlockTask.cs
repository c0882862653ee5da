using System;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>A script block as the body of tasks: one instance for all that one cmdlet sends.</summary>
internal sealed class ScriptBlockTask : IHostedDispatchable
{
    internal ScriptBlockTask(ScriptInvocation script) => Script = script;

    /// <summary>What it runs.</summary>
    internal ScriptInvocation Script { get; }

    /// <inheritdoc/>
    public void Execute(TaskContext context)
    {
        if (context.Host is not IScriptHost host)
        {
            throw new InvalidOperationException("A script block runs on a dispatcher that was made by New-Dispatcher.");
        }

        try
        {
            host.Execute(Script, context);
        }
        catch (ActionPreferenceStopException e) when (Script.FailOnError && e.ErrorRecord.Exception is { } cause)
        {
            // The error itself, and not that the preference made it one.
            throw new RuntimeException(cause.Message, cause, e.ErrorRecord);
        }

        if (Script.FailOnError && context.FirstError is { } error)
        {
            throw new TaskErrorsException(error);
        }
    }
}
