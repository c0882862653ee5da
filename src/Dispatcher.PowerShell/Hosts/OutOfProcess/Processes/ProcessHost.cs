using System;
using System.IO;

namespace Dispatching.PowerShell;

/// <summary>
/// The host of a worker whose script blocks run in a process of its own. The thread of the worker sends tasks to it, and waits;
/// when the process ends, that is the failure of the task that it ran, and the next task gets a fresh one.
/// </summary>
internal sealed class ProcessHost : IScriptHost, IClaimingHost
{
    private const int MaxTries = 2;

    private readonly WorkerSettings _settings;
    private readonly int _prefetch;
    private readonly object _lock = new();
    private volatile WorkerProcess? _process;
    private volatile IWorkerLoop? _loop;
    private ITaskClaims? _claims;
    private bool _isStopped;

    /// <param name="settings">How the worker there is set up.</param>
    /// <param name="prefetch">How many tasks the process has at most, the running one included.</param>
    internal ProcessHost(WorkerSettings settings, int prefetch)
    {
        _settings = settings;
        _prefetch = prefetch;
    }

    /// <inheritdoc/>
    public bool CanRunTasks => _process is { IsLost: false };

    /// <inheritdoc/>
    public bool Run(IWorkerLoop loop)
    {
        _loop = loop;
        _claims = (loop as IClaimingLoop)?.Claims ?? throw new InvalidOperationException("Worker processes need a worker that claims tasks.");
        lock (_lock)
        {
            _isStopped = false;
        }

        if (!CanRunTasks)
        {
            Open();
        }

        loop.RunTasks();
        return CanRunTasks;
    }

    /// <inheritdoc/>
    public void Execute(ScriptInvocation script, TaskContext context)
    {
        // A process that has ended while it had nothing to do is no failure of the next task. Where the next ones end as well,
        // before they can begin with it, it is.
        for (int tries = 0; _process?.TryRun(script, context, isLastTry: tries >= MaxTries) != true; tries++)
        {
            Open();
        }
    }

    /// <inheritdoc/>
    public void RequestStop()
    {
        lock (_lock)
        {
            _isStopped = true;
        }

        _process?.RequestStop();
    }

    /// <inheritdoc/>
    public void Recall(DispatchTask task) => _process?.Recall(task);

    /// <inheritdoc/>
    public void ForceStop() => _process?.Kill();

    /// <inheritdoc/>
    public void Dispose()
    {
        WorkerProcess? process = _process;
        _process = null;
        process?.Dispose();
    }

    private void Open()
    {
        Dispose();
        WorkerProcess process;
        try
        {
            process = new WorkerProcess(_settings, _prefetch, _claims!, OnLost); // It runs in a loop.
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or System.ComponentModel.Win32Exception or PlatformNotSupportedException)
        {
            throw new WorkerSetupException("A worker process could not be started: " + e.Message, e);
        }

        _process = process;
        lock (_lock)
        {
            if (_isStopped)
            {
                process.Kill();
            }
        }

        process.Open();
    }

    /// <summary>One that has ended while its worker is idle is not kept until the next task comes.</summary>
    private void OnLost() => _loop?.Leave();
}
