using System;
using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Internal;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;
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
    // Not for ever: a module may itself run tasks while it is imported, or hang.
    private static readonly ImportTurns s_imports = new(TimeSpan.FromMinutes(1));

    // The default limit of a task.
    private static readonly TimeSpan s_cleanupLimit = Dispatcher.DefaultTaskTimeout;

    [ThreadStatic]
    private static RunspaceHost? s_current;

    private readonly WorkerSettings _settings;
    private readonly UsingValues _usingValues;
    private readonly StreamCapture _capture;
    private readonly ConditionalWeakTable<Ast, ScriptBlock> _blocks = new();
    private Runspace? _runspace;
    private ThreadProcesses? _processes;
    private EngineChildren? _engineChildren;
    private ExitHook? _exitHook;
    private volatile Pipeline? _pipeline;
    private volatile TaskContext? _current;
    private InvokeTaskLoopCommand? _loop;
    private ThreadBaseline? _thread;
    private SessionBaseline? _session;
    private bool _isSpoiled;
    private bool _hasRunTask;
    private bool _isCleanedUp;
    private IWorkerLoop? _tasks;
    private volatile IWorkerLoop? _worker;

    internal RunspaceHost(WorkerSettings settings)
    {
        _settings = settings;
        _capture = new StreamCapture(() => _current);
        _usingValues = new UsingValues(ToLocal);
    }

    /// <summary>The host that runs on this thread: how the two commands of its pipeline find it.</summary>
    internal static RunspaceHost? Current => s_current;

    /// <inheritdoc/>
    public bool CanRunTasks => _loop is { Stopping: false } && !_isSpoiled && !(_settings.ResetState && _hasRunTask);

    /// <inheritdoc/>
    public bool Run(IWorkerLoop loop)
    {
        s_current = this;
        Runspace runspace = _runspace ?? Open();
        if (_settings.ResetState && _hasRunTask)
        {
            WorkerRunspace.Reset(runspace, _settings);
            _hasRunTask = false;
            _session = null;
        }

        Pipeline pipeline = Pipeline.Create();
        pipeline.AddScript(InvokeTaskLoopCommand.Name + " | " + ReceiveTaskOutputCommand.Name).AddParameter("--%", _usingValues);
        _capture.Attach(pipeline.Streams);
        _tasks = loop;
        _worker = loop;
        try
        {
            Invoke(pipeline, runspace);
        }
        catch (PipelineStoppedException)
        {
            // The way a stopped task ends. The runspace is as good as before.
        }
        finally
        {
            _loop = null;
        }

        return !_isSpoiled && runspace.RunspaceStateInfo.State == RunspaceState.Opened;
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
        _engineChildren?.End();

        // Not BeginStop: its thread is a foreground one, and waits for the pipeline to end. Behind a stuck task it would
        // keep the process from ending for ever.
        BackgroundThread.TryStart("Dispatcher stop", () => Stop(pipeline));
    }

    /// <inheritdoc/>
    public void ForceStop()
    {
        _processes?.Note();
        _processes?.KillNoted();
        _engineChildren?.End();
        if (_runspace is { } runspace)
        {
            // When a session ends, the engine closes every runspace that is open, and waits for what runs in it. One that
            // is closing it leaves alone.
            BackgroundThread.TryStart("Dispatcher close", () => Close(runspace));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _exitHook?.Dispose();
        if (_runspace is { } runspace)
        {
            CleanUp(runspace);
            runspace.Dispose();
            Runspace.DefaultRunspace = null;
        }
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
            if (_runspace is { } runspace)
            {
                _engineChildren ??= new EngineChildren(loop, runspace);
                _session ??= new SessionBaseline(loop, runspace, _settings.LanguageMode);
            }

            tasks.RunTasks();
        }
    }

    /// <summary>Somebody stops the pipeline: one of our tasks, or the whole runspace, whose end waits for that of the pipeline.</summary>
    internal void OnStopping() => _worker?.Leave();

    /// <summary>Runs a script block, and ends with its error.</summary>
    internal void Execute(ScriptBlockTask body, TaskContext context)
    {
        InvokeTaskLoopCommand loop = _loop ?? throw new InvalidOperationException("The pipeline of the worker has ended.");
        _current = context;
        _hasRunTask = true;
        _usingValues.Current = body.UsingValues;
        try
        {
            _processes?.BeginTask();
            _engineChildren?.BeginTask();
            _thread?.Begin(body.Culture, body.UICulture);
            loop.Reset(body.Location);
            object? item = ToLocal(context.Task.InputObject);
            if (body.IsPlain && DirectCall.IsPossible)
            {
                DirectCall.Invoke(body.Ast, loop, _settings.LanguageMode, body.HasItem ? item : AutomationNull.Value);
                return;
            }

            loop.Invoke(body, GetBlock(body.Ast), item, ToLocal(body.Arguments), ToLocal(body.Parameters));
        }
        catch (ExitException exit)
        {
            ScriptBlockTask.OnExit(exit, context);
        }
        catch (LoopFlowException)
        {
            // A break or continue outside of any loop ends the block, as it does a script.
        }
        catch (RuntimeException e)
        {
            TaskExceptions.Clean(e);
            throw;
        }
        finally
        {
            _current = null;
            _usingValues.Current = null;
            Restore(loop);
        }
    }

    internal void WriteOutput(PSObject? value) => _current?.Write(RecordKind.Output, value);

    /// <summary>Undoes what a task has done to its thread and its session; where that is not possible, the worker's session ends.</summary>
    private void Restore(InvokeTaskLoopCommand loop)
    {
        if (!ReferenceEquals(Runspace.DefaultRunspace, _runspace))
        {
            Runspace.DefaultRunspace = _runspace;
        }

        try
        {
            _thread?.Restore();
            _isSpoiled |= _session?.Restore(loop) == false;
        }
        catch (Exception)
        {
            _isSpoiled = true;
        }
    }

    private Runspace Open()
    {
        _thread = new ThreadBaseline();
        _thread.Begin(_settings.Culture, _settings.UICulture);
        Runspace runspace = WorkerRunspace.Open(_settings);
        _runspace = runspace;
        _processes = new ThreadProcesses(ProcessTable.CurrentThreadId());
        _exitHook = new ExitHook(this);
        ImportModules(runspace);

        if (_settings.Initialization is { } script)
        {
            SetUp("The initialization script failed", runspace, pipeline => AddScript(pipeline, script));
        }

        return runspace;
    }

    private void ImportModules(Runspace runspace)
    {
        if (_settings.Modules.Count == 0)
        {
            return;
        }

        s_imports.Run(_settings.Modules, () =>
        {
            foreach (string module in _settings.Modules)
            {
                SetUp("Module '" + module + "' could not be imported", runspace, pipeline =>
                    pipeline.AddCommand("Import-Module").AddParameter("Name", module).AddParameter("ErrorAction", ActionPreference.Stop));
            }
        });
    }

    private void SetUp(string failure, Runspace runspace, Action<Pipeline> add)
    {
        try
        {
            Pipeline pipeline = Pipeline.Create();
            add(pipeline);
            Invoke(pipeline, runspace);
        }
        catch (RuntimeException e) when (e is not PipelineStoppedException)
        {
            throw new WorkerSetupException(failure + " in a worker: " + (e.ErrorRecord?.Exception ?? e).Message, e);
        }
    }

    private void CleanUp(Runspace runspace)
    {
        if (_settings.Cleanup is not { } script || _isCleanedUp || runspace.RunspaceStateInfo.State != RunspaceState.Opened)
        {
            return;
        }

        _isCleanedUp = true;
        Pipeline pipeline = Pipeline.Create();
        AddScript(pipeline, script);
        using var stuck = new Watchdog(s_cleanupLimit, RequestStop);
        try
        {
            Invoke(pipeline, runspace);
        }
        catch (Exception)
        {
            // The worker goes all the same, and there is nobody left to tell.
        }
    }

    private void AddScript(Pipeline pipeline, PreparedScript script)
    {
        _usingValues.Current = script.UsingValues;

        // In the runspace's own scope: what the script defines is there for the tasks.
        pipeline.AddScript(". $args[0]", useLocalScope: false).AddParameter("--%", _usingValues).AddArgument(ToLocal(script.Block));
    }

    /// <summary>Runs a pipeline where a stop finds it.</summary>
    private void Invoke(Pipeline pipeline, Runspace runspace)
    {
        pipeline.Runspace = runspace;
        _pipeline = pipeline;
        try
        {
            pipeline.Invoke();
        }
        finally
        {
            _pipeline = null;
            _usingValues.Current = null;
        }

        // A stopped pipeline is left to the garbage collector: the engine's own thread that stops it may still need it.
        if (pipeline.InvocationStateInfo.State == PSInvocationState.Completed)
        {
            pipeline.Dispose();
        }
    }

    private ScriptBlock GetBlock(Ast ast) => _blocks.GetValue(ast, ScriptBlockTask.Recreate);

    /// <summary>Returns what a task gets for a value: a script block made anew for this runspace, and anything else as it is.</summary>
    private object? ToLocal(object? value) => value switch
    {
        CapturedScriptBlock block => ToLocal(block),
        ScriptBlock block => ToLocal(CapturedScriptBlock.Of(block, "A script block")),
        PSObject { BaseObject: ScriptBlock block } => ToLocal(CapturedScriptBlock.Of(block, "A script block")),
        _ => value,
    };

    private ScriptBlock ToLocal(CapturedScriptBlock block)
    {
        block.Check(_settings.LanguageMode);
        return GetBlock(block.Ast);
    }

    private object?[]? ToLocal(object?[]? arguments) => arguments is null ? null : Array.ConvertAll(arguments, ToLocal);

    private Hashtable? ToLocal(Hashtable? parameters)
    {
        if (parameters is null)
        {
            return null;
        }

        var local = new Hashtable(parameters.Count, StringComparer.OrdinalIgnoreCase);
        foreach (DictionaryEntry entry in parameters)
        {
            local.Add(entry.Key, ToLocal(entry.Value));
        }

        return local;
    }

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

    /// <summary>Kills the native programs of script blocks when this process ends.</summary>
    private sealed class ExitHook : IExitParticipant, IDisposable
    {
        private readonly RunspaceHost _host;

        internal ExitHook(RunspaceHost host)
        {
            _host = host;
            ProcessExit.Add(this);
        }

        public void OnProcessExit() => _host._processes?.KillAll();

        public void Dispose() => ProcessExit.Remove(this);
    }
}
