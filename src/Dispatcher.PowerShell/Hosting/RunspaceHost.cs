using System;
using System.Collections;
using System.Collections.Generic;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Threading;
using Pipeline = System.Management.Automation.PowerShell;

namespace Dispatching.PowerShell;

/// <summary>
/// A runspace on a worker's own thread, in which one pipeline lives as long as the worker: a loop that takes tasks, piped
/// into a sink that takes their output. A pipeline for each task would cost about 400 µs; a turn of this one, about 10.
/// </summary>
internal sealed class RunspaceHost : IWorkerHost
{
    // Tasks send tasks. They would not find the cmdlets where the module was imported by its path, and finding and
    // importing it would cost each worker far more than these entries.
    private static readonly Dictionary<string, Type> s_ownCmdlets = FindOwnCmdlets();

    [ThreadStatic]
    private static RunspaceHost? s_current;

    private readonly PSLanguageMode _languageMode;
    private readonly UsingValues _usingValues = new();
    private readonly ConditionalWeakTable<Ast, ScriptBlock> _blocks = new();
    private Runspace? _runspace;
    private ThreadProcesses? _processes;
    private ExitHook? _exitHook;
    private volatile Pipeline? _pipeline;
    private volatile TaskContext? _current;
    private InvokeTaskLoopCommand? _loop;
    private IWorkerLoop? _tasks;

    internal RunspaceHost(PSLanguageMode languageMode) => _languageMode = languageMode;

    /// <summary>The host that runs on this thread: how the two commands of its pipeline find it.</summary>
    internal static RunspaceHost? Current => s_current;

    /// <inheritdoc/>
    public bool CanRunTasks => _loop is { Stopping: false };

    /// <inheritdoc/>
    public bool Run(IWorkerLoop loop)
    {
        Runspace runspace = _runspace ??= Open();
        Pipeline pipeline = Pipeline.Create();
        pipeline.Runspace = runspace;
        pipeline.AddScript(InvokeTaskLoopCommand.Name + " | " + ReceiveTaskOutputCommand.Name).AddParameter("--%", _usingValues);
        Capture(pipeline.Streams);
        _tasks = loop;
        _pipeline = pipeline;
        s_current = this;
        try
        {
            pipeline.Invoke();
        }
        catch (PipelineStoppedException)
        {
            // The way a stopped task ends. The runspace is as good as before.
        }
        finally
        {
            _pipeline = null;
            _loop = null;
        }

        // A stopped pipeline is left to the garbage collector: the engine's own thread that stops it may still need it.
        if (pipeline.InvocationStateInfo.State == PSInvocationState.Completed)
        {
            pipeline.Dispose();
        }

        return runspace.RunspaceStateInfo.State == RunspaceState.Opened;
    }

    /// <inheritdoc/>
    public void RequestStop()
    {
        if (_pipeline is not { } pipeline)
        {
            return;
        }

        // The engine kills the program that the block is running, and that one only. What it has started would be
        // nobody's children then, so they are noted first.
        _processes?.Note();

        // Not BeginStop: its thread is a foreground one, and waits for the pipeline to end. Behind a stuck task it would
        // keep the process from ending for ever.
        new Thread(() => Stop(pipeline)) { IsBackground = true, Name = "Dispatcher stop" }.Start();
    }

    /// <inheritdoc/>
    public void ForceStop()
    {
        KillProcesses();
        if (_runspace is { } runspace)
        {
            // When a session ends, the engine closes every runspace that is open, and waits for what runs in it. One that
            // is closing it leaves alone.
            new Thread(() => Close(runspace)) { IsBackground = true, Name = "Dispatcher close" }.Start();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _exitHook?.Dispose();
        _runspace?.Dispose();
    }

    /// <summary>Called by the loop cmdlet from inside the pipeline.</summary>
    internal void RunTasks(InvokeTaskLoopCommand loop)
    {
        // Once for each pipeline: a task that calls the command itself finds nothing to do.
        if (_tasks is { } tasks)
        {
            _tasks = null;
            _loop = loop;
            loop.RememberDefaults();
            tasks.RunTasks();
        }
    }

    /// <summary>Runs a script block, and ends with its error.</summary>
    internal void Execute(ScriptBlockTask body, TaskContext context)
    {
        InvokeTaskLoopCommand loop = _loop ?? throw new InvalidOperationException("The pipeline of the worker has ended.");
        _current = context;
        _usingValues.Current = body.UsingValues;
        try
        {
            loop.Reset(body.Location);
            loop.Invoke(body, GetBlock(body), context.Task.InputObject);
        }
        catch (ExitException exit)
        {
            ScriptBlockTask.OnExit(exit, context);
        }
        catch (LoopFlowException)
        {
            // A break or continue outside of any loop ends the block, as it does a script.
        }
        finally
        {
            _current = null;
            _usingValues.Current = null;
        }
    }

    internal void WriteOutput(PSObject? value) => _current?.Write(RecordKind.Output, value);

    private Runspace Open()
    {
        var state = InitialSessionState.CreateDefault2();
        state.LanguageMode = _languageMode;
        state.Commands.Add(Command(InvokeTaskLoopCommand.Name, typeof(InvokeTaskLoopCommand)));
        state.Commands.Add(Command(ReceiveTaskOutputCommand.Name, typeof(ReceiveTaskOutputCommand)));
        foreach (KeyValuePair<string, Type> cmdlet in s_ownCmdlets)
        {
            state.Commands.Add(Command(cmdlet.Key, cmdlet.Value));
        }

        Runspace runspace = RunspaceFactory.CreateRunspace(state);
        runspace.ThreadOptions = PSThreadOptions.UseCurrentThread;
        runspace.Name = "Dispatcher worker";
        runspace.Open();
        _processes = new ThreadProcesses(ProcessTable.CurrentThreadId());
        _exitHook = new ExitHook(this);
        return runspace;
    }

    private static Dictionary<string, Type> FindOwnCmdlets()
    {
        var cmdlets = new Dictionary<string, Type>(StringComparer.OrdinalIgnoreCase);
        foreach (Type type in typeof(DispatcherCmdlet).Assembly.GetExportedTypes())
        {
            if (!type.IsAbstract && type.GetCustomAttribute<CmdletAttribute>() is { } cmdlet)
            {
                cmdlets.Add(cmdlet.VerbName + "-" + cmdlet.NounName, type);
            }
        }

        return cmdlets;
    }

    private static SessionStateCmdletEntry Command(string name, Type type) =>
        new(name, type, helpFileName: null);

    private ScriptBlock GetBlock(ScriptBlockTask body) => _blocks.GetValue(body.Ast, ScriptBlockTask.Recreate);

    private void Stop(Pipeline pipeline)
    {
        try
        {
            pipeline.Stop();
        }
        catch (Exception)
        {
            // It ended, and was disposed of, first. An exception that leaves a thread would end the process.
        }

        _processes?.KillNoted();
    }

    private static void Close(Runspace runspace)
    {
        try
        {
            runspace.Close();
        }
        catch (Exception)
        {
            // Its own worker closes it too, if it ever gets there.
        }
    }

    private void KillProcesses()
    {
        _processes?.Note();
        _processes?.KillNoted();
    }

    private void Capture(PSDataStreams streams)
    {
        Capture(streams.Error, RecordKind.Error);
        Capture(streams.Warning, RecordKind.Warning);
        Capture(streams.Verbose, RecordKind.Verbose);
        Capture(streams.Debug, RecordKind.Debug);
        Capture(streams.Information, RecordKind.Information);
        Capture(streams.Progress, RecordKind.Progress);
    }

    private void Capture<T>(PSDataCollection<T> stream, RecordKind kind)
    {
        stream.DataAdding += (_, adding) => _current?.Write(kind, adding.ItemAdded);

        // The pipeline lives on for many tasks; what it has handed over it must not keep.
        stream.DataAdded += (_, _) => stream.Clear();
    }

    /// <summary>Kills the native programs of script blocks when this process ends.</summary>
    private sealed class ExitHook : IExitParticipant, IDisposable
    {
        private readonly RunspaceHost _host;

        internal ExitHook(RunspaceHost host)
        {
            _host = host;
            HostExit.Add(this);
        }

        public void OnHostExit() => _host.KillProcesses();

        public void Dispose() => HostExit.Remove(this);
    }
}
