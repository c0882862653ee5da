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

        host.Execute(_script, context);
        if (_script.FailOnError && context.FirstError is { } error)
        {
            throw new TaskErrorsException(error.ToString() ?? string.Empty, (error as ErrorRecord)?.Exception);
        }
    }
}
