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

    // What the block is called with never becomes a variable that the block could see: private ones are not inherited,
    // and neither is $args.
    // Statements of the block go on after an error, as at a prompt; the call of the block does not: arguments that do not
    // bind, or its own ThrowTerminatingError, end the task.
    private const string StopHere = "$private:ErrorActionPreference = 'Stop'; ";
    private const string CallPlain = StopHere + "& $args[0]";
    private const string CallWithArguments = StopHere + "$private:a = $args[1]; & $args[0] @a";
    private const string CallWithItem = StopHere + "$_ = $args[1]; & $args[0]";
    private const string CallWithItemAndArguments = StopHere + "$_ = $args[1]; $private:a = $args[2]; & $args[0] @a";
    private const string PipeItem = StopHere + "$private:i = ,$args[1]; $i | & $args[0]";
    private const string PipeItemWithArguments = StopHere + "$private:i = ,$args[1]; $private:a = $args[2]; $i | & $args[0] @a";

    private ArrayList? _errors;
    private string? _location;

    /// <inheritdoc/>
    protected override void EndProcessing() => RunspaceHost.Current?.RunTasks(this);

    internal void RememberDefaults()
    {
        _errors = SessionState.PSVariable.GetValue("global:Error") as ArrayList;
        _location = SessionState.Path.CurrentFileSystemLocation.ProviderPath;
    }

    /// <summary>Undoes what an earlier task left behind that must not reach the next.</summary>
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

        string wanted = location ?? _location ?? string.Empty;
        PathInfo current = SessionState.Path.CurrentLocation;
        if (wanted.Length > 0 && !string.Equals(current.Path, wanted, StringComparison.Ordinal))
        {
            SessionState.Path.SetLocation(WildcardPattern.Escape(wanted));
        }
    }

    internal void Invoke(ScriptBlockTask body, ScriptBlock block, object? item)
    {
        object[]? arguments = body.Arguments;
        bool pipes = body.TakesPipeline;
        if (!body.HasItem)
        {
            if (arguments is null)
            {
                Invoke(CallPlain, block);
            }
            else
            {
                Invoke(CallWithArguments, block, arguments);
            }
        }
        else if (arguments is null)
        {
            Invoke(pipes ? PipeItem : CallWithItem, block, item);
        }
        else
        {
            Invoke(pipes ? PipeItemWithArguments : CallWithItemAndArguments, block, item, arguments);
        }
    }

    private void Invoke(string call, params object?[] arguments) =>
        InvokeCommand.InvokeScript(call, useNewScope: true, IntoThisPipeline, input: null, arguments);
}
