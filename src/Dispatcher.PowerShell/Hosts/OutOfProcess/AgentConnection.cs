using System;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Management.Automation.Runspaces;
using System.Threading;
using Pipeline = System.Management.Automation.PowerShell;

namespace Dispatching.PowerShell;

/// <summary>
/// The near end of a session: one pipeline in an open runspace, wherever that is. What goes in are messages, and what comes
/// out are the records of tasks with markers between them. Safe to use from any thread.
/// </summary>
internal sealed class AgentConnection : IDisposable
{
    /// <summary>The id of the set-up of a worker. Those of tasks are higher.</summary>
    internal const long SetupId = 0;

    private readonly IAgentListener _listener;
    private readonly string _nonce;
    private readonly PSDataCollection<object?> _input = [];
    private readonly PSDataCollection<PSObject?> _output = [];
    private readonly Pipeline _pipeline = Pipeline.Create();
    private readonly Runspace _runspace;
    private readonly ManualResetEventSlim _ended = new();
    private readonly ArrivedRest _rest = new();
    private readonly SentScripts _scripts;
    private readonly SentMessages _sent;
    private readonly TaskBundle _bundle = new();
    private long _current;
    private bool _isFinalError;
    private bool _isReady;
    private ErrorRecord? _lastError;
    private WireFault? _lastFault;
    private int _isLost;
    private volatile bool _isClosing;

    /// <param name="runspace">Open, and used by nobody else.</param>
    /// <param name="listener">Who is told what the agent says.</param>
    /// <param name="hasLocation">Whether the folders of this machine are those of the agent.</param>
    internal AgentConnection(Runspace runspace, IAgentListener listener, bool hasLocation)
    {
        _runspace = runspace;
        _runspace.StateChanged += OnRunspaceChanged;
        _listener = listener;
        _nonce = Guid.NewGuid().ToString("N");
        Values = new WireValues(_nonce);
        _scripts = new SentScripts(Values, hasLocation);
        _sent = new SentMessages(_input);
    }

    /// <summary>Why it was lost; <see langword="null"/> while it is not.</summary>
    internal string? LostReason { get; private set; }

    private WireValues Values { get; }

    /// <summary>Starts the agent. <see cref="IAgentListener.OnReady"/> or <see cref="IAgentListener.OnLost"/> follows.</summary>
    /// <param name="assemblies">The paths of the assemblies there, or their content; <see langword="null"/> for a worker process.</param>
    /// <param name="createSettings">Makes the settings, with the nonce of this session.</param>
    internal void Begin(object[]? assemblies, Func<string, WireSettings> createSettings)
    {
        _pipeline.Runspace = _runspace;
        if (assemblies is null && AgentScript.ForProcess() is { } script)
        {
            _pipeline.AddScript(script);
        }
        else
        {
            _pipeline.AddScript(AgentScript.Text)
                .AddParameter("Assemblies", assemblies ?? AgentScript.Paths)
                .AddParameter("Versions", AgentScript.Versions);
        }

        _pipeline.AddParameter("Settings", createSettings(_nonce).Encode(Values));
        Listen(_output, item => OnOutput(item));
        Listen(_pipeline.Streams.Error, item => OnError(item));
        Listen(_pipeline.Streams.Warning, item => OnRecord(RecordKind.Warning, item));
        Listen(_pipeline.Streams.Verbose, item => OnRecord(RecordKind.Verbose, item));
        Listen(_pipeline.Streams.Debug, item => OnRecord(RecordKind.Debug, item));
        Listen(_pipeline.Streams.Information, item => OnRecord(RecordKind.Information, item));
        Listen(_pipeline.Streams.Progress, item => OnRecord(RecordKind.Progress, item));
        _pipeline.InvocationStateChanged += (_, e) => OnPipelineChanged(e.InvocationStateInfo);

        // A session that the user made has the user's host, in which the engine shows each record, too.
        var settings = new PSInvocationSettings { Host = s_host, RemoteStreamOptions = RemoteStreamOptions.AddInvocationInfoToErrorRecord };
        _pipeline.BeginInvoke(_input, _output, settings, callback: null, state: null);
    }

    /// <summary>
    /// Sends a task that does nothing: its worker there opens its session, imports the modules and runs the initialization
    /// script. May block while the other end does not read.
    /// </summary>
    internal void SendSetup() => SendTask(SetupId, s_nothing, item: null);

    /// <summary>
    /// Adds a task to those that <see cref="Flush"/> sends together: one of which <see cref="TaskBundle.CanHold"/> is true. For the
    /// one thread that sends.
    /// </summary>
    /// <returns><see langword="false"/> if those are to be sent first.</returns>
    internal bool TryAdd(long id, DispatchTask task)
    {
        ScriptInvocation script = ((ScriptBlockTask)task.Body).Script;

        // To send a script may make the agent forget another, which those that are collected may name.
        if ((!_bundle.IsEmpty && !_scripts.IsSent(script)) || !_bundle.TryAdd(_scripts.Send(script, Send), id, task.InputObject))
        {
            return false;
        }

        _sent.Note(id);
        return true;
    }

    /// <summary>Sends what <see cref="TryAdd"/> has collected. May block while the other end does not read.</summary>
    internal void Flush()
    {
        if (_bundle.Take() is { } message)
        {
            Send(message);
        }
    }

    /// <summary>Sends a task. May block while the other end does not read.</summary>
    internal void Send(long id, DispatchTask task)
    {
        switch (task.Body)
        {
            case ScriptBlockTask block:
                SendTask(id, block.Script, task.InputObject);
                break;
            case ExecutableTask program:
                _sent.Note(id);
                Send([WireTag.Program, id, .. WireProgram.Encode(program)]);
                break;
            default:
                throw new NotSupportedException("Only script blocks and executables run on other hosts.");
        }
    }

    /// <summary>Sends a task that runs a script block. May block while the other end does not read.</summary>
    internal void SendTask(long id, ScriptInvocation script, object? item)
    {
        long scriptId = _scripts.Send(script, Send);
        _sent.Note(id);
        object? plain = PlainValue.Of(item);
        if (plain is object?[] items)
        {
            Send([WireTag.Task, id, scriptId, Values.EncodeAll(items), true]);
        }
        else
        {
            Send([WireTag.Task, id, scriptId, Values.Encode(item), false]);
        }
    }

    /// <summary>Sends a message about a task, or a ping. May block while the other end does not read.</summary>
    internal void Send(string tag, long id) => Send([tag, id]);

    /// <summary>The session is over, for a reason that was noticed elsewhere. The first reason counts.</summary>
    internal void Lose(string reason)
    {
        if (Interlocked.Exchange(ref _isLost, 1) == 0)
        {
            LostReason = reason;
            _ended.Set();
            _listener.OnLost(reason);
        }
    }

    /// <summary>Sends no more. The agent stops what it runs, and ends.</summary>
    internal void EndInput()
    {
        _isClosing = true;
        _input.Complete();
    }

    /// <summary>After a loss: waits until what had arrived before it has been told to the listener. The first call does.</summary>
    internal void WaitForRest() => _rest.Wait();

    /// <summary>Nobody wants what may still arrive: <see cref="WaitForRest"/> returns at once.</summary>
    internal void DropRest() => _rest.Drop();

    /// <summary>Waits for the end of the agent.</summary>
    internal bool WaitForEnd(TimeSpan timeout) => _ended.Wait(timeout);

    /// <inheritdoc/>
    public void Dispose()
    {
        _isClosing = true;
        _runspace.StateChanged -= OnRunspaceChanged; // A session of the user's lives on.
        if (_runspace.RunspaceStateInfo.State == RunspaceState.Closing)
        {
            // The engine ends the pipeline now, and must not meet somebody else who does.
            _runspace.StateChanged += OnSessionClosed;
        }

        if (_runspace.RunspaceStateInfo.State != RunspaceState.Closing)
        {
            End();
        }
    }

    private void End()
    {
        _input.Complete();
        _pipeline.Dispose();
    }

    private static readonly ScriptInvocation s_nothing = new(ScriptBlock.Create(string.Empty).Ast, PSLanguageMode.FullLanguage);

    private static readonly PSHost s_host = new WorkerSessionHost(new Version(7, 4));

    private void Listen<T>(PSDataCollection<T> stream, Action<T> take)
    {
        stream.DataAdding += (_, e) =>
        {
            take((T)e.ItemAdded);
            _rest.OnTaken();
        };

        // The pipeline runs many tasks, and must not keep the records of each.
        stream.DataAdded += (_, _) => stream.Clear();
    }

    private void Send(object?[] message)
    {
        try
        {
            _input.Add(message);
        }
        catch (Exception e) when (e is InvalidOperationException && !IsRunning)
        {
            // The pipeline has ended. Whoever waits for the answer is told so.
        }
    }

    // Where it still runs, what is sent is to blame: the engine calls enumerators of the user's.
    private bool IsRunning => !_isClosing && _input.IsOpen && _runspace.RunspaceStateInfo.State == RunspaceState.Opened && _pipeline.InvocationStateInfo.State == PSInvocationState.Running;

    private void OnOutput(PSObject? item)
    {
        if (item?.BaseObject is string text && text.Length > _nonce.Length && text.StartsWith(_nonce, StringComparison.Ordinal))
        {
            OnMarker(text[_nonce.Length], text.Substring(_nonce.Length + 1));
        }
        else
        {
            OnRecord(RecordKind.Output, item);
        }
    }

    private void OnMarker(char tag, string text)
    {
        switch (tag)
        {
            case WireTag.Current:
                _current = Number(text);
                break;
            case WireTag.Started:
                _current = Number(text);
                _sent.Release(_current);
                _listener.OnStarted(_current);
                break;
            case WireTag.Ended:
                OnEnded(text);
                break;
            case WireTag.Next:
                int space = text.IndexOf(' ');
                OnEnded(text.Substring(0, space));
                OnMarker(WireTag.Started, text.Substring(space + 1));
                break;
            case WireTag.Recalled:
                _listener.OnRecalled(Number(text));
                break;
            case WireTag.FinalError:
                _isFinalError = true;
                _lastFault = WireFault.Decode(text);
                break;
            case WireTag.StandardError:
                OnRecord(RecordKind.StandardError, text);
                break;
            case WireTag.Pong:
                _listener.OnPong();
                break;
            case WireTag.Hello:
                _isReady = true;
                _listener.OnReady((int)Number(text));
                break;
            default:
                Lose("sent a message that is not known");
                break;
        }
    }

    private void OnEnded(string text)
    {
        var end = WireEnd.Decode(text);
        Exception? error = AgentErrors.ToException(end, _lastError, _lastFault);
        _lastError = null;
        _lastFault = null;
        _listener.OnEnded(end, error);
    }

    private void OnRecord(RecordKind kind, object? value)
    {
        if (_isReady)
        {
            _listener.OnRecord(_current, kind, value);
        }
    }

    private void OnError(ErrorRecord record)
    {
        if (_isFinalError || !_isReady)
        {
            _isFinalError = false;
            _lastError = record;
        }
        else
        {
            OnRecord(RecordKind.Error, record);
        }
    }

    private void OnPipelineChanged(PSInvocationStateInfo info)
    {
        switch (info.State)
        {
            case PSInvocationState.Completed:
            case PSInvocationState.Stopped:
                Lose(_isClosing ? "was closed" : (_lastError?.Exception.Message ?? "has ended by itself"));
                break;
            case PSInvocationState.Failed:
                Lose((_lastError?.Exception ?? info.Reason)?.Message ?? "has failed");
                break;
            default:
                break;
        }
    }

    private void OnRunspaceChanged(object? sender, RunspaceStateEventArgs e)
    {
        if (e.RunspaceStateInfo.State == RunspaceState.Closing)
        {
            // Before the engine closes what the input is sent through. It would do so itself afterwards, and once in ten times that
            // ends in a NullReferenceException, after which whoever closes the session waits for a minute.
            _input.Complete();
        }

        if (e.RunspaceStateInfo is { State: RunspaceState.Broken or RunspaceState.Closed } info)
        {
            Lose(info.Reason?.Message ?? "was closed");
        }
    }

    private void OnSessionClosed(object? sender, RunspaceStateEventArgs e)
    {
        if (e.RunspaceStateInfo.State != RunspaceState.Closing)
        {
            _runspace.StateChanged -= OnSessionClosed;
            End();
        }
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
