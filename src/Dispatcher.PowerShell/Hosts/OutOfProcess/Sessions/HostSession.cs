using System;
using System.Diagnostics;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Threading;

namespace Dispatching.PowerShell;

/// <summary>
/// One host of a dispatcher: opens a session to it, has tasks run there, and opens another when that one is lost, each time
/// after a longer wait. It has a thread of its own, which sends.
/// </summary>
internal sealed class HostSession
{
    private static readonly TimeSpan s_firstWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestWait = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_openTimeout = TimeSpan.FromMinutes(2);

    // The clean-up scripts there have ten seconds, and their grace.
    private static readonly TimeSpan s_closeTimeout = TimeSpan.FromSeconds(13);

    private readonly SessionPool _pool;
    private readonly Scheduler _scheduler;
    private readonly SessionSettings _settings;
    private readonly object _lock = new();
    private SessionRunner? _runner;
    private SessionEndpoint? _opening;
    private volatile bool _isClosing;

    internal HostSession(SessionPool pool, Scheduler scheduler, SessionTarget target, SessionSettings settings, int number)
    {
        _pool = pool;
        _scheduler = scheduler;
        Target = target;
        _settings = settings;
        Number = number;
    }

    internal SessionTarget Target { get; }

    internal int Number { get; }

    /// <summary>Whether it is open. Guarded by the lock of the pool.</summary>
    internal bool IsOpen { get; set; }

    /// <summary>Why it is not open, once it has been tried; <see langword="null"/> before. Guarded by the lock of the pool.</summary>
    internal string? Failure { get; set; }

    /// <summary>Whether it will not be tried again. Guarded by the lock of the pool.</summary>
    internal bool IsDead { get; set; }

    /// <summary>Starts its thread.</summary>
    internal void Start() => BackgroundThread.Start("Dispatcher session " + Target.HostName, Run);

    /// <summary>Takes no more tasks, and ends once those that run there have ended. Does not block.</summary>
    internal void Close()
    {
        lock (_lock)
        {
            _isClosing = true;
            Monitor.PulseAll(_lock);
            _runner?.Drain();
            if (_runner is null)
            {
                _opening?.Kill();
            }
        }
    }

    /// <summary>Ends all that is under it. Does not block.</summary>
    internal void Kill()
    {
        lock (_lock)
        {
            _isClosing = true;
            _runner?.Kill();
            _opening?.Kill();
        }
    }

    private void Run()
    {
        try
        {
            TimeSpan wait = s_firstWait;
            while (!_isClosing)
            {
                string? failure = TryRun(out bool hasRun);
                wait = hasRun ? s_firstWait : wait;
                if (failure is null)
                {
                    continue;
                }

                bool isDead = !Target.CanReopen;
                _pool.OnFailed(this, failure, isDead ? null : wait);
                if (isDead)
                {
                    break;
                }

                Wait(wait);
                wait = TimeSpan.FromTicks(Math.Min(wait.Ticks * 2, s_longestWait.Ticks));
            }
        }
        catch (Exception e)
        {
            _pool.OnFailed(this, e.Message, retryIn: null);
        }
        finally
        {
            _pool.OnEnded(this);
        }
    }

    /// <summary>Opens a session, and has tasks run there until it is over.</summary>
    /// <returns>Why it was lost, or not opened; <see langword="null"/> when it ended in order.</returns>
    private string? TryRun(out bool hasRun)
    {
        hasRun = false;
        OpenedSession session;
        var limit = Stopwatch.StartNew();
        Alarm alarm = Clock.System.CreateAlarm(KillOpening);
        alarm.Set(Clock.Add(Clock.System.GetTimestamp(), s_openTimeout));
        try
        {
            session = Target.Open(SetOpening);
        }
        catch (HostLostException e)
        {
            SetRunner(null);
            return _isClosing ? null : limit.Elapsed < s_openTimeout ? e.Message : "it was not open within 120 s";
        }
        finally
        {
            alarm.Set(Clock.Never);
        }

        var runner = new SessionRunner(_scheduler, Number, Target.HostName, _settings, session);
        try
        {
            string? failure = _isClosing ? null : Begin(runner);
            if (_isClosing || failure is not null)
            {
                return _isClosing ? null : failure;
            }

            SetRunner(runner);
            runner.Run(() => OnOpened(runner));
            hasRun = runner.IsSetUp;
            return hasRun || runner.LostReason is not { } lost ? runner.LostReason : "it was lost while a worker was set up there (-InitializationScript, -Module): " + lost;
        }
        finally
        {
            SetRunner(null);
            _pool.OnClosed(this);
            runner.EndTasks();
            runner.Close(s_closeTimeout);
        }
    }

    private void OnOpened(SessionRunner runner)
    {
        lock (_lock)
        {
            // Its set-up may be told of after it was lost.
            if (ReferenceEquals(runner, _runner))
            {
                _pool.OnOpened(this);
            }
        }
    }

    /// <returns>Why the agent there did not begin; <see langword="null"/> if it did.</returns>
    private static string? Begin(SessionRunner runner)
    {
        try
        {
            return runner.Begin(s_openTimeout) ? null : runner.LostReason ?? "it was not ready within 120 s";
        }
        catch (Exception e) when (e is InvalidRunspaceStateException or RuntimeException or InvalidOperationException)
        {
            // It has ended since it was opened.
            return runner.LostReason ?? e.Message;
        }
    }

    private void SetOpening(SessionEndpoint endpoint)
    {
        lock (_lock)
        {
            _opening = endpoint;
            if (_isClosing)
            {
                endpoint.Kill();
            }
        }
    }

    private void KillOpening()
    {
        lock (_lock)
        {
            _opening?.Kill();
        }
    }

    private void SetRunner(SessionRunner? runner)
    {
        lock (_lock)
        {
            _opening = null;
            _runner = runner;
            if (_isClosing)
            {
                runner?.Drain();
            }
        }
    }

    private void Wait(TimeSpan time)
    {
        lock (_lock)
        {
            if (!_isClosing)
            {
                Monitor.Wait(_lock, time);
            }
        }
    }
}
