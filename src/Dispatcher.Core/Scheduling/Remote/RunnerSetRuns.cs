using System;
using System.Diagnostics;
using System.Threading;

namespace Dispatching;

/// <summary>
/// Opens the runner set of a scheduler when that begins to run, and closes it when that has stopped: one after the other,
/// whatever threads start and stop it. The scheduler's lock guards it, save where a method says otherwise.
/// </summary>
internal sealed class RunnerSetRuns
{
    // As long as the end of a worker is waited for.
    private static readonly TimeSpan s_closeTimeout = TimeSpan.FromSeconds(15);

    private readonly Scheduler _scheduler;
    private readonly SchedulerState _state;
    private readonly IRunnerSet _set;
    private bool _isWanted;
    private bool _isOpen;
    private bool _isClosing;
    private bool _isActing;
    private int _run;
    private volatile bool _isDue;

    internal RunnerSetRuns(Scheduler scheduler, SchedulerState state, IRunnerSet set)
    {
        _scheduler = scheduler;
        _state = state;
        _set = set;
    }

    /// <summary>Whether the set is closed, and nobody is about to open it.</summary>
    internal bool IsClosed => !_isOpen && !_isClosing && !_isActing && !_isWanted;

    /// <summary>When its end is waited for no longer.</summary>
    internal long CloseDeadline { get; private set; } = Clock.Never;

    /// <summary>Whether <see cref="Act"/> has something to do. Needs no lock.</summary>
    internal bool IsDue => _isDue;

    /// <summary>The scheduler runs from now on.</summary>
    internal void OnRun()
    {
        Debug.Assert(Monitor.IsEntered(_state.Lock), "The scheduler's lock is not held.");
        _isWanted = true;
        if (!_isClosing)
        {
            CloseDeadline = Clock.Never;
        }

        Refresh();
    }

    /// <summary>The scheduler has stopped.</summary>
    internal void OnStopped()
    {
        Debug.Assert(Monitor.IsEntered(_state.Lock), "The scheduler's lock is not held.");
        _isWanted = false;
        if (_isOpen || _isActing)
        {
            SetDeadline();
        }

        Refresh();
    }

    /// <summary>Waits no longer for a set that has not closed in time.</summary>
    internal void OnTick(long now)
    {
        if (CloseDeadline <= now)
        {
            CloseDeadline = Clock.Never;
            _isClosing = false;
            _run++;
            Refresh();
        }
    }

    /// <summary>Opens or closes the set, as is due. Under no lock.</summary>
    internal void Act()
    {
        while (TryBegin(out bool opens, out int run))
        {
            try
            {
                if (opens)
                {
                    _set.Open(_scheduler);
                }
                else
                {
                    _set.Close(() => OnClosed(run));
                }
            }
            catch (Exception) when (!opens)
            {
                // What cannot even close is not waited for.
                OnClosed(run);
            }
            finally
            {
                InterruptSafe.Enter(_state.Lock);
                _isActing = false;
                Refresh();
                _scheduler.Settle();
                Monitor.Exit(_state.Lock);
            }
        }
    }

    private bool TryBegin(out bool opens, out int run)
    {
        InterruptSafe.Enter(_state.Lock);
        opens = _isWanted;
        run = _run;
        bool begins = _isDue;
        if (begins)
        {
            _isActing = true;
            _isOpen = opens;
            _isClosing = !opens;
            Refresh();
            if (!opens)
            {
                SetDeadline();
            }
        }

        Monitor.Exit(_state.Lock);
        return begins;
    }

    private void OnClosed(int run)
    {
        AfterLock after = default;
        _scheduler.Enter();
        try
        {
            if (run == _run && _isClosing)
            {
                _run++;
                _isClosing = false;
                CloseDeadline = Clock.Never;
                Refresh();
                _scheduler.Settle();
            }
        }
        finally
        {
            _scheduler.Leave(ref after);
        }
    }

    private void SetDeadline()
    {
        CloseDeadline = Clock.Add(_state.Now(), s_closeTimeout);
        _state.Alarm.SetBy(CloseDeadline);
    }

    private void Refresh() => _isDue = !_isActing && !_isClosing && _isWanted != _isOpen;
}
