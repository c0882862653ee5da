using System;
using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace Dispatching.PowerShell;

/// <summary>The first command of a worker's pipeline. It runs tasks, inside itself, until the worker has to leave the pipeline.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "DispatcherTaskLoop")]
internal sealed class InvokeTaskLoopCommand : PSCmdlet
{
    internal const string Name = "Invoke-DispatcherTaskLoop";

    private const PipelineResultTypes IntoThisPipeline = PipelineResultTypes.Output | PipelineResultTypes.Error;

    // The scripts that call a block, by what it is called with: an item, arguments, named parameters, and whether the item
    // comes by the pipeline; and whether its errors are failures.
    private static readonly string[] s_calls = CreateCalls();

    private volatile RunspaceHost? _host;
    private ArrayList? _errors;
    private PSVariable? _success;
    private string? _location;

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        _host = RunspaceHost.Current;
        _host?.RunTasks(this);
    }

    /// <inheritdoc/>
    protected override void StopProcessing() => _host?.OnStopping();

    internal void RememberDefaults()
    {
        _errors = SessionState.PSVariable.GetValue("global:Error") as ArrayList;
        _success = SessionState.PSVariable.Get("global:?");
        _location = SessionState.Path.CurrentFileSystemLocation.ProviderPath;
    }

    /// <summary>Undoes the effects of an earlier task that must not reach the next.</summary>
    internal void Reset(string? location)
    {
        if (_errors is { Count: > 0 })
        {
            _errors.Clear();
        }

        if (SessionState.PSVariable.Get("global:LASTEXITCODE") is { Value: not null } lastExitCode)
        {
            lastExitCode.Value = null;
        }

        if (_success is { Value: false })
        {
            // Only a statement that succeeds sets $? to true.
            _ = InvokeCommand.InvokeScript("$null = $null");
        }

        string wanted = location ?? _location ?? string.Empty;
        PathInfo current = SessionState.Path.CurrentLocation;
        if (wanted.Length > 0 && !string.Equals(current.Path, wanted, StringComparison.Ordinal))
        {
            SessionState.Path.SetLocation(WildcardPattern.Escape(wanted));
        }
    }

    internal void Invoke(ScriptInvocation script, ScriptBlock block, object? item, object?[]? arguments, Hashtable? parameters)
    {
        int call = GetCall(script.HasItem, script.TakesPipeline, arguments is not null, parameters is not null) | (script.FailOnError ? 16 : 0);
        InvokeCommand.InvokeScript(s_calls[call], useNewScope: true, IntoThisPipeline, input: null, block, item, arguments, parameters);
    }

    /// <summary>Asks a block a question about an error, which it finds in <c>$_</c>.</summary>
    internal bool Ask(ScriptBlock block, ErrorRecord error) =>
        LanguagePrimitives.IsTrue(InvokeCommand.InvokeScript("$_ = $args[1]; & $args[0]", useNewScope: true, PipelineResultTypes.None, input: null, block, error));

    private static int GetCall(bool hasItem, bool pipes, bool hasArguments, bool hasParameters) =>
        (hasItem ? 1 : 0) | (hasItem && pipes ? 2 : 0) | (hasArguments ? 4 : 0) | (hasParameters ? 8 : 0);

    private static string[] CreateCalls()
    {
        var calls = new string[32];
        for (int call = 0; call < calls.Length; call++)
        {
            // What the block is called with never becomes a variable that the block could see: private ones are not
            // inherited, and neither is $args. Statements of the block go on after an error, as at a prompt; the call
            // itself does not: arguments that do not bind, or the block's own ThrowTerminatingError, end the task.
            string text = (call & 16) == 0 ? "$private:ErrorActionPreference = 'Stop'; " : "$ErrorActionPreference = 'Stop'; ";
            bool pipes = (call & 2) != 0;
            text += (call & 1) == 0 ? string.Empty : pipes ? "$private:i = ,$args[1]; " : "$_ = $args[1]; ";
            text += (call & 4) == 0 ? string.Empty : "$private:a = $args[2]; ";
            text += (call & 8) == 0 ? string.Empty : "$private:p = $args[3]; ";
            text += (pipes ? "$i | " : string.Empty) + "& $args[0]";
            text += ((call & 4) == 0 ? string.Empty : " @a") + ((call & 8) == 0 ? string.Empty : " @p");
            calls[call] = text;
        }

        return calls;
    }
}
