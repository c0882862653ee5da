using System;
using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Management.Automation.Runspaces;
using System.Threading;

namespace Dispatching.PowerShell;

/// <summary>
/// The far end of a session: a dispatcher of its own, a thread that reads messages, and the thread of the pipeline, which
/// writes. When nothing has been heard for three ping intervals, it ends all that it runs.
/// </summary>
internal sealed class AgentSession : IDisposable
{
    // Beyond the grace of the tasks, for the clean-up scripts of the workers and for what is ended by force.
    private static readonly TimeSpan s_endTimeout = TimeSpan.FromSeconds(15);

    // Its grace is without end while there is somebody to end the process. When nobody is left, all that runs has this.
    private static readonly TimeSpan s_orphanGrace = TimeSpan.FromSeconds(2);

    private readonly WireSettings _settings;
    private readonly WireValues _values;
    private readonly IEnumerator _messages;
    private readonly Dispatcher _dispatcher;
    private readonly AgentOutput _output;
    private readonly ConcurrentDictionary<long, AgentTask> _tasks = new();
    private readonly Dictionary<long, ScriptInvocation> _scripts = [];
    private readonly AgentWatch _watch;
    private readonly AgentMemory _memory;
    private int _isEnding;

    internal AgentSession(InvokeDispatcherAgentCommand cmdlet, WireSettings settings, IEnumerator messages)
    {
        _settings = settings;
        _values = new WireValues(settings.Nonce);
        _messages = messages;
        _memory = new AgentMemory(() => _tasks.IsEmpty);
        _output = new AgentOutput(cmdlet, settings.Nonce, OnEnded);
        WorkerSettings workers = settings.Workers;
        _dispatcher = SessionDispatchers.Create(
            new DispatcherOptions
            {
                Name = "Agent" + settings.Nonce,
                MinWorkers = 0,
                MaxWorkers = settings.Lanes,
                QueueSize = int.MaxValue,
                TaskTimeout = Timeout.InfiniteTimeSpan,
                StopGrace = settings.StopGrace,
                HistorySize = 0,
                DiesWithProcess = settings.OwnsProcess,
                MaxTasksPerWorker = settings.MaxTasksPerWorker,
                CreateWorkerHost = () => new RunspaceHost(workers),
            },
            Runspace.DefaultRunspace,
            workers.LanguageMode,
            isHidden: true);
        SessionDispatchers.GetHome(_dispatcher)!.IsAgent = true; // It has just been given one.
        _watch = new AgentWatch(Clock.System, settings.PingInterval, EndInput);
    }

    /// <summary>Runs until the messages end.</summary>
    internal void Run()
    {
        if (_settings.OwnsProcess)
        {
            AgentStreams.Release();
            ThreadSpinning.Forget();
        }

        _dispatcher.Run();
        BackgroundThread.Start("Dispatcher agent", ReadAll);
        _output.Write(WireTag.Hello, CurrentProcess.Id.ToString(CultureInfo.InvariantCulture));
        try
        {
            _output.Run();
        }
        finally
        {
            foreach (AgentTask task in _tasks.Values)
            {
                task.Release();
            }
        }
    }

    /// <summary>No message comes any more: stops what runs, and ends the session once it has. Does not block.</summary>
    internal void EndInput()
    {
        if (Interlocked.Exchange(ref _isEnding, 1) == 0)
        {
            BackgroundThread.TryStart("Dispatcher agent end", End);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _watch.Dispose();
        _memory.Dispose();
        SessionDispatchers.Remove(_dispatcher);
        _output.Dispose();
    }

    private void OnEnded(AgentTask task)
    {
        _tasks.TryRemove(task.Id, out _);
        _memory.Touch();
    }

    private void ReadAll()
    {
        try
        {
            while (_messages.MoveNext())
            {
                _watch.Touch();
                Take(WireValues.List(_messages.Current));
            }
        }
        catch (Exception e)
        {
            // A message that is none ends the session: what comes after it cannot be trusted.
            Trace.TraceError(e.ToString());
        }
        finally
        {
            EndInput();
        }
    }

    private void Take(object?[] message)
    {
        long id = WireValues.Number(message[1]);
        switch (WireValues.Text(message[0]))
        {
            case WireTag.Script:
                TakeScript(id, message);
                break;
            case WireTag.Forget:
                _scripts.Remove(id);
                break;
            case WireTag.Task:
                long script = WireValues.Number(message[2]);
                object? item = WireValues.Flag(message[4]) ? ToArray(message[3]) : _values.Decode(message[3]);
                Send(id, () => new ScriptBlockTask(GetScript(script)), item);
                break;
            case WireTag.Tasks:
                for (int i = 2; i + 1 < message.Length; i += 2)
                {
                    Send(WireValues.Number(message[i]), () => new ScriptBlockTask(GetScript(id)), _values.Decode(message[i + 1]));
                }

                break;
            case WireTag.Program:
                Send(id, () => WireProgram.Decode([.. message.Skip(2)]), item: null);
                break;
            case WireTag.Stop:
            case WireTag.Recall:
                Stop(id, isRecall: string.Equals(WireValues.Text(message[0]), WireTag.Recall, StringComparison.Ordinal));
                break;
            case WireTag.Ping:
                _output.Post(WireTag.Pong, id.ToString(CultureInfo.InvariantCulture));
                break;
            default:
                throw new FormatException("Message '" + WireValues.Text(message[0]) + "' is not known.");
        }
    }

    private object?[] ToArray(object? sent) => _values.DecodeAll(sent) ?? [];

    private void TakeScript(long id, object?[] message)
    {
        try
        {
            _scripts[id] = WireScript.Decode([.. message.Skip(2)], _values);
        }
        catch (FormatException)
        {
            // Its tasks say so: each of them fails.
            _scripts.Remove(id);
        }
    }

    private ScriptInvocation GetScript(long id) => _scripts.TryGetValue(id, out ScriptInvocation? script)
        ? script
        : throw new FormatException("The script block cannot be parsed by the PowerShell that is to run it.");

    private void Send(long id, Func<IDispatchable> createBody, object? item)
    {
        var task = new AgentTask(id, _output, _settings.ConfirmsRecords);
        IDispatchable body;
        try
        {
            body = createBody();
        }
        catch (FormatException e)
        {
            body = new FailingBody(e);
        }

        task.Task = new PSDispatchTask(AgentBodies.Wrap(body, task, _settings.ConfirmsStarts), s_options, item);
        _tasks[id] = task;
        _output.Expect();
        task.Task.Subscribe(task);
        try
        {
            _dispatcher.Dispatch(task.Task);
        }
        catch (ObjectDisposedException)
        {
            // The session is ending, and so is the other end's interest in it.
            _tasks.TryRemove(id, out _);
        }
    }

    private static readonly TaskOptions s_options = new() { Timeout = Timeout.InfiniteTimeSpan };

    private void Stop(long id, bool isRecall)
    {
        if (!_tasks.TryGetValue(id, out AgentTask? task))
        {
            return;
        }

        if (isRecall)
        {
            task.Task.StopPending();
        }
        else
        {
            task.Task.Stop();
        }
    }

    private void End()
    {
        try
        {
            if (_settings.OwnsProcess)
            {
                _dispatcher.StopGrace = s_orphanGrace;
            }

            _dispatcher.Close();
            _dispatcher.StopRunningTasks();
            _dispatcher.Quit(drain: false, _dispatcher.StopGrace + s_endTimeout);
        }
        finally
        {
            _output.Complete();
            EndProcessSoon();
        }
    }

    /// <summary>
    /// The process ends by itself once the rest is written, unless code runs that was given up: the engine waits for all its
    /// sessions. Or the thread of the pipeline may be stuck in writing to a link that is down.
    /// </summary>
    private void EndProcessSoon()
    {
        if (_settings.OwnsProcess)
        {
            Alarm alarm = Clock.System.CreateAlarm(() =>
            {
                using var process = Process.GetCurrentProcess();
                process.Kill();
            });
            alarm.Set(Clock.Add(Clock.System.GetTimestamp(), s_orphanGrace));
        }
    }

    private sealed class FailingBody(Exception error) : IDispatchable
    {
        public void Execute(TaskContext context) => throw new InvalidOperationException(error.Message, error);
    }
}
