using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>Runs script blocks in the session of the caller, on its thread: the block itself, with its breakpoints and mocks.</summary>
internal sealed class SerialHost : IScriptHost
{
    [ThreadStatic]
    private static SerialHost? s_current;

    private static readonly CmdletInfo s_sink = new(ReceiveSerialOutputCommand.Name, typeof(ReceiveSerialOutputCommand));

    private readonly PSCmdlet _caller;
    private readonly ScriptBlock? _block;

    /// <param name="caller">The cmdlet.</param>
    /// <param name="block">The block of all its tasks; <see langword="null"/> where they run an executable.</param>
    internal SerialHost(PSCmdlet caller, ScriptBlock? block)
    {
        _caller = caller;
        _block = block;
    }

    /// <summary>The host whose task runs on this thread, or has just ended.</summary>
    internal static SerialHost? Current => s_current;

    /// <inheritdoc/>
    public bool CanRunTasks => true;

    /// <inheritdoc/>
    public bool Run(IWorkerLoop loop) => throw new NotSupportedException();

    /// <inheritdoc/>
    public void RequestStop()
    {
        // The caller's own session is stopped by the caller.
    }

    /// <inheritdoc/>
    public void ForceStop()
    {
        // Nor by force.
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // The session is not this host's.
    }

    /// <inheritdoc/>
    public void Execute(ScriptInvocation script, TaskContext context)
    {
        s_current = this;
        try
        {
            object? item = context.Task.InputObject;
            _ = _caller.InvokeCommand.InvokeScript(
                GetCall(script),
                useNewScope: true,
                System.Management.Automation.Runspaces.PipelineResultTypes.None,
                input: null,
                _block,
                item,
                script.Arguments is null ? null : Array.ConvertAll(script.Arguments, Local),
                ToLocal(script.Parameters),
                s_sink,
                context,
                ToTable(script.UsingValues));
        }
        catch (ExitException exit)
        {
            int code = LanguagePrimitives.TryConvertTo(exit.Argument, CultureInfo.InvariantCulture, out int number) ? number : 1;
            context.SetExitCode(code);
            if (code != 0)
            {
                throw new ScriptExitException(code);
            }
        }
        catch (LoopFlowException)
        {
            // A break or continue outside of any loop ends the block.
        }
        catch (RuntimeException e) when (e is not PipelineStoppedException)
        {
            TaskExceptions.Clean(e);
            throw;
        }
    }

    /// <summary>Asks a block about an error, in the session of the caller.</summary>
    internal bool Ask(ScriptInvocation question, ErrorRecord error) => LanguagePrimitives.IsTrue(_caller.InvokeCommand.InvokeScript(
        WithUsing("$_ = $args[1]; & $args[0]"), useNewScope: true, System.Management.Automation.Runspaces.PipelineResultTypes.None, input: null, ScriptBlockCopy.Create(question.Ast), error, null, null, null, null, ToTable(question.UsingValues)));

    // As InvokeTaskLoopCommand calls it, with one difference: the preferences are those of the session.
    private static string GetCall(ScriptInvocation script)
    {
        bool pipes = script.HasItem && script.TakesPipeline;
        return WithUsing(
            (script.FailOnError ? "$ErrorActionPreference = 'Stop'; " : string.Empty)
            + (script.HasItem ? (pipes ? "$private:i = ,$args[1]; " : "$_ = $args[1]; ") : string.Empty)
            + (script.Arguments is null ? string.Empty : "$private:a = $args[2]; ")
            + (script.Parameters is null ? string.Empty : "$private:p = $args[3]; ")
            + (pipes ? "$i | " : string.Empty)
            + "& $args[0]"
            + (script.Arguments is null ? string.Empty : " @a")
            + (script.Parameters is null ? string.Empty : " @p")
            + " *>&1 | & $args[4] -Context $args[5]");
    }

    // The engine looks $using: up in the parameter of this odd name of the nearest script that has one.
    private static string WithUsing(string call) =>
        "$private:u = @{ '--%' = $args[6] }; & { " + call + " } @u $args[0] $args[1] $args[2] $args[3] $args[4] $args[5]";

    private static Dictionary<object, object?> ToTable(IReadOnlyDictionary<string, object?>? values) =>
        values?.ToDictionary(entry => (object)entry.Key, entry => Local(entry.Value)) ?? [];

    private static Hashtable? ToLocal(Hashtable? table)
    {
        if (table is null)
        {
            return null;
        }

        var local = new Hashtable(StringComparer.OrdinalIgnoreCase);
        foreach (DictionaryEntry entry in table)
        {
            local.Add(entry.Key, Local(entry.Value));
        }

        return local;
    }

    private static object? Local(object? value) => value is CapturedScriptBlock block ? ScriptBlockCopy.Create(block.Ast) : value;
}
