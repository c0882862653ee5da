using System;
using System.Collections;
using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Reflection;
using System.Runtime.ExceptionServices;

namespace Dispatching.PowerShell;

/// <summary>Runs script blocks in the session of the caller, on its thread: the block itself, with its breakpoints and mocks.</summary>
internal sealed class SerialHost : IScriptHost
{
    // The inner call ends in a command that takes the output. What leaves it are the records of the other streams. So a record
    // that the block itself has merged into its output stays output.
    private const string Outer = "& $args[0] $args[1] $args[2] $args[3] $args[4] $args[5] $args[6] *>&1 | & $args[5] -Context $args[6]";

    // The session that a block runs in, be it that of a module. Not public.
    private static readonly PropertyInfo? s_session = typeof(ScriptBlock).GetProperty("SessionStateInternal", BindingFlags.Instance | BindingFlags.NonPublic);
    private static readonly CmdletInfo s_sink = new(ReceiveSerialOutputCommand.Name, typeof(ReceiveSerialOutputCommand));
    private static readonly CmdletInfo s_caller = new(InvokeSerialBlockCommand.Name, typeof(InvokeSerialBlockCommand));

    private readonly ScriptBlock? _block;
    private ScriptBlock? _call;

    /// <param name="block">The block of all its tasks; <see langword="null"/> where they run an executable.</param>
    internal SerialHost(ScriptBlock? block) => _block = block;

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
        object?[] arguments =
        [
            _call ??= CreateCall(script),
            _block,
            context.Task.InputObject,
            script.Arguments is null ? null : Array.ConvertAll(script.Arguments, Local),
            ToLocal(script.Parameters),
            s_sink,
            context,
        ];
        Exception? error = null;
        Run(script.UsingValues, cmdlet => error = Call(cmdlet, ScriptBlock.Create(Outer), arguments, context));
        if (error is not null)
        {
            ExceptionDispatchInfo.Capture(error).Throw();
        }
    }

    /// <summary>Asks a block about an error, in the session of the caller.</summary>
    internal static bool Ask(ScriptInvocation question, ErrorRecord error)
    {
        bool answer = false;
        Exception? failure = null;
        Run(question.UsingValues, cmdlet =>
        {
            try
            {
                answer = LanguagePrimitives.IsTrue(Invoke(cmdlet, ScriptBlock.Create("$_ = $args[1]; & $args[0]"), [ScriptBlockCopy.Create(question.Ast), error]));
            }
            catch (Exception e) when (e is ExitException or LoopFlowException or RuntimeException and not PipelineStoppedException)
            {
                failure = e;
            }
        });
        return failure is null ? answer : throw failure;
    }

    // In a pipeline inside the caller's, so that a try around the cmdlet does not change what errors of the block do, and
    // with the parameter of an odd name in which the engine looks $using: up.
    private static void Run(IReadOnlyDictionary<string, object?>? usingValues, Action<PSCmdlet> action)
    {
        using var pipeline = System.Management.Automation.PowerShell.Create(RunspaceMode.CurrentRunspace);
        pipeline.AddScript("& $args[0] -Action $args[1]", useLocalScope: true).AddParameter("--%", ToTable(usingValues)).AddArgument(s_caller).AddArgument(action);
        pipeline.Invoke();
    }

    private static Exception? Call(PSCmdlet cmdlet, ScriptBlock call, object?[] arguments, TaskContext context)
    {
        try
        {
            _ = Invoke(cmdlet, call, arguments);
            return null;
        }
        catch (ExitException exit)
        {
            int code = LanguagePrimitives.TryConvertTo(exit.Argument, CultureInfo.InvariantCulture, out int number) ? number : 1;
            context.SetExitCode(code);
            return code == 0 ? null : new ScriptExitException(code);
        }
        catch (LoopFlowException)
        {
            // A break or continue outside of any loop ends the block.
            return null;
        }
        catch (RuntimeException e) when (e is not PipelineStoppedException || !cmdlet.Stopping)
        {
            TaskExceptions.Clean(e);
            return e;
        }
    }

    private static Collection<PSObject> Invoke(PSCmdlet cmdlet, ScriptBlock script, object?[] arguments) =>
        cmdlet.InvokeCommand.InvokeScript(useLocalScope: true, script, input: null, arguments);

    // It runs in the session of the block, be that a module's or a closure's: what it sets there, the block sees.
    private ScriptBlock CreateCall(ScriptInvocation script)
    {
        var call = ScriptBlock.Create(GetCallText(script));
        if (_block is null)
        {
            return call;
        }

        if (s_session?.GetValue(_block) is { } session)
        {
            s_session.SetValue(call, session);
            return call;
        }

        return _block.Module?.NewBoundScriptBlock(call) ?? call;
    }

    // As InvokeTaskLoopCommand calls it, with two differences: the preferences are those of the session, and the item is
    // given by ForEach-Object where that can be: then it is in $_ after a catch or a switch as well.
    private static string GetCallText(ScriptInvocation script)
    {
        bool pipes = script.HasItem && script.TakesPipeline;
        bool isPlain = script.HasItem && script.HasOnlyStatements && script.Arguments is null && script.Parameters is null;
        string start = (script.FailOnError ? "$ErrorActionPreference = 'Stop'; " : string.Empty)
            + (script.HasItem && !isPlain && !pipes ? "$_ = $args[1]; " : string.Empty)
            + (script.Arguments is null ? string.Empty : "$private:a = $args[2]; ")
            + (script.Parameters is null ? string.Empty : "$private:p = $args[3]; ");
        string call = isPlain
            ? ",$args[1] | Microsoft.PowerShell.Core\\ForEach-Object -Process $args[0]"
            : (pipes ? ",$args[1] | " : string.Empty)
                + "& $args[0]"
                + (script.Arguments is null ? string.Empty : " @a")
                + (script.Parameters is null ? string.Empty : " @p");
        return start + call + " | & $args[4] -Context $args[5] -IsOutput";
    }

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
