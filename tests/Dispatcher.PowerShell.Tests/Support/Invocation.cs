using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Threading;
using Engine = System.Management.Automation.PowerShell;

namespace Dispatching.PowerShell.Tests;

/// <summary>A script that runs, or has run, in a session: its streams, and the error that ended it.</summary>
public sealed class Invocation : IDisposable
{
    private readonly Engine _engine;
    private readonly PSDataCollection<PSObject> _output = new();
    private readonly IAsyncResult _running;

    internal Invocation(Engine engine)
    {
        _engine = engine;
        _running = engine.BeginInvoke<PSObject, PSObject>(input: null, _output);
    }

    /// <summary>The error that ended the script; <see langword="null"/> if none did.</summary>
    public RuntimeException? Terminated { get; private set; }

    /// <summary>Whether the script was stopped.</summary>
    public bool WasStopped { get; private set; }

    /// <summary>What the script wrote, unwrapped.</summary>
    public IReadOnlyList<object?> Output => _output.Select(one => one?.BaseObject is PSCustomObject ? one : one?.BaseObject).ToArray();

    /// <summary>What the script wrote, as text.</summary>
    public IReadOnlyList<string> Text => _output.Select(one => one is null ? "<null>" : one.ToString()).ToArray();

    /// <summary>Its non-terminating errors.</summary>
    public IReadOnlyList<ErrorRecord> Errors => _engine.Streams.Error.ToArray();

    /// <summary>Its only error, terminating or not.</summary>
    public ErrorRecord Error
    {
        get
        {
            ErrorRecord[] all = Terminated is null ? [.. Errors] : [.. Errors, Terminated.ErrorRecord];
            return all.Length == 1 ? all[0] : throw new InvalidOperationException("There are " + all.Length + " errors: " + string.Join(" | ", all.Select(one => one.ToString())));
        }
    }

    /// <summary>Its other streams.</summary>
    public PSDataStreams Streams => _engine.Streams;

    /// <summary>What it wrote, as objects with their notes.</summary>
    public IReadOnlyList<PSObject> Objects => _output.ToArray();

    /// <summary>Asks the script to stop, as Ctrl+C does, and returns at once.</summary>
    public void RequestStop() => _engine.BeginStop(callback: null, state: null);

    /// <summary>Stops the script and waits for its end.</summary>
    public Invocation Stop()
    {
        RequestStop();
        return Finish();
    }

    /// <summary>Whether the script has ended.</summary>
    public bool IsCompleted => _running.IsCompleted;

    /// <summary>Waits for the end of the script.</summary>
    public Invocation Finish()
    {
        if (!_running.AsyncWaitHandle.WaitOne(Limits.Hang))
        {
            throw new TimeoutException("The script did not end: " + _engine.Commands.Commands[0].CommandText);
        }

        try
        {
            _engine.EndInvoke(_running);
        }
        catch (PipelineStoppedException)
        {
            WasStopped = true;
        }
        catch (RuntimeException e)
        {
            Terminated = e;
        }

        return this;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // A script that hangs must not hang the test run as well.
        if (_running.IsCompleted)
        {
            _engine.Dispose();
        }

        GC.KeepAlive(Thread.CurrentThread);
    }
}
