using System;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Internal;
using System.Management.Automation.Runspaces;
using Pipeline = System.Management.Automation.PowerShell;

namespace Dispatching.PowerShell;

/// <summary>
/// A runspace on a worker's own thread, in which one pipeline lives as long as the worker: a loop that takes tasks, piped
/// into a sink that takes their output. A pipeline for each task would cost about 400 µs; a turn of this one, about 10.
/// </summary>
internal sealed class RunspaceHost : IScriptHost
{
    [ThreadStatic]
    private static RunspaceHost? s_current;

    private readonly WorkerSettings _settings;
    private readonly LocalValues _values;
    private readonly WorkerPipelines _pipelines;
    private readonly WorkerSetup _setup;
    private readonly StreamCapture _capture;
    private readonly TaskChildren _children = new();
    private Runspace? _runspace;
    private volatile TaskContext? _current;
    private InvokeTaskLoopCommand? _loop;
    private ThreadBaseline? _thread;
    private SessionBaseline? _session;
    private bool _isSpoiled;
    private bool _hasRunTask;
    private IWorkerLoop? _tasks;
    private volatile IWorkerLoop? _worker;

    internal RunspaceHost(WorkerSettings settings)
    {
        _settings = settings;
        _values = new LocalValues(settings.LanguageMode);
        _pipelines = new WorkerPipelines(_values);
        _setup = new WorkerSetup(settings, _pipelines);
        _capture = new StreamCapture(() => _current);
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

        Pipeline pipeline = _pipelines.Create(InvokeTaskLoopCommand.Name + " | " + ReceiveTaskOutputCommand.Name);
        _capture.Attach(pipeline.Streams);
        _tasks = loop;
        _worker = loop;
        try
        {
            _pipelines.Invoke(pipeline, runspace);
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
        if (_pipelines.Running is not { } pipeline)
        {
            return;
        }

        _children.BeginStop();

        // Not BeginStop of the pipeline: its thread is a foreground one, and waits for the pipeline to end. Behind a stuck
        // task it would keep the process from ending.
        BackgroundThread.TryStart("Dispatcher stop", () =>
        {
            WorkerPipelines.Stop(pipeline);
            _children.KillNoted();
        });
    }

    /// <inheritdoc/>
    public void ForceStop()
    {
        _children.Kill();
        if (_runspace is { } runspace)
        {
            // When a session ends, the engine closes every runspace that is open, and waits for what runs in it. It does
            // not wait for one that is being closed.
            BackgroundThread.TryStart("Dispatcher close", () => Close(runspace));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _children.StopTracking();
        if (_runspace is { } runspace)
        {
            _setup.CleanUp(runspace, RequestStop);
            runspace.Dispose();
            Runspace.DefaultRunspace = null;
        }
    }

    /// <inheritdoc/>
    public void Execute(ScriptInvocation script, TaskContext context)
    {
        InvokeTaskLoopCommand loop = _loop ?? throw new InvalidOperationException("The pipeline of the worker has ended.");
        _current = context;
        _hasRunTask = true;
        _pipelines.UsingValues.Current = script.UsingValues;
        try
        {
            _children.BeginTask();
            _thread?.Begin(script.Culture, script.UICulture);
            loop.Reset(script.Location);
            object? item = _values.Get(context.Task.InputObject);
            if (script.IsPlain && DirectCall.IsPossible)
            {
                DirectCall.Invoke(script.Ast, loop, _settings.LanguageMode, script.HasItem ? item : AutomationNull.Value);
                return;
            }

            loop.Invoke(script, _values.GetBlock(script.Ast), item, _values.Get(script.Arguments), _values.Get(script.Parameters));
        }
        catch (ExitException exit)
        {
            OnExit(exit, context);
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
            _pipelines.UsingValues.Current = null;
            Restore(loop);
        }
    }

    /// <summary>Asks a block about an error, on the thread of the worker and between its tasks. What it writes beside its answer is dropped.</summary>
    internal bool Ask(ScriptInvocation question, ErrorRecord error)
    {
        InvokeTaskLoopCommand loop = _loop ?? throw new InvalidOperationException("The pipeline of the worker has ended.");
        _pipelines.UsingValues.Current = question.UsingValues;
        try
        {
            return loop.Ask(_values.GetBlock(question.Ast), error);
        }
        finally
        {
            _pipelines.UsingValues.Current = null;
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
                _children.TrackEngine(loop, runspace);
                _session ??= new SessionBaseline(loop, runspace, _settings.LanguageMode);
            }

            tasks.RunTasks();
        }
    }

    /// <summary>Somebody stops the pipeline: one of our tasks, or the whole runspace, whose end waits for that of the pipeline.</summary>
    internal void OnStopping() => _worker?.Leave();

    internal void WriteOutput(PSObject? value) => _current?.Write(RecordKind.Output, value);

    /// <summary>The block called exit: 0 is a way to end, anything else a failure.</summary>
    private static void OnExit(ExitException exit, TaskContext context)
    {
        int code = LanguagePrimitives.TryConvertTo(exit.Argument, CultureInfo.InvariantCulture, out int number) ? number : 1;
        context.SetExitCode(code);
        if (code != 0)
        {
            throw new ScriptExitException(code);
        }
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

    private Runspace Open()
    {
        _thread = new ThreadBaseline();
        _thread.Begin(_settings.Culture, _settings.UICulture);
        Runspace runspace = WorkerRunspace.Open(_settings);

        // Before the setup, which may hang: a stop by force has to find it.
        _runspace = runspace;
        _children.TrackThread();
        _setup.Initialize(runspace);
        return runspace;
    }

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
}
