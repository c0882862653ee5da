using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading;

namespace Dispatching;

/// <summary>
/// A wait inside a task, until it is disposed of. A task that waits for its own dispatcher may need the very worker it
/// runs on, so the dispatcher may have one worker more meanwhile. The same holds for a cycle: where those it waits for
/// wait in turn, through however many others, for this dispatcher. During any other wait the task keeps its place.
/// Safe to use from any thread. Its lock is taken before the schedulers' own, never inside them.
/// </summary>
internal sealed class BlockedScope : IDisposable
{
    private static readonly object s_lock = new();
    private static readonly HashSet<BlockedScope> s_open = [];

    private readonly TaskRunner _runner;
    private readonly ITaskOwner[] _awaited;
    private readonly List<ITaskOwner> _changed = new(1);
    private bool _isBlocked;

    private BlockedScope(TaskRunner runner, ITaskOwner[] awaited)
    {
        _runner = runner;
        _awaited = awaited;
    }

    /// <summary>Called before a wait for a dispatcher. Outside of tasks there is no place that it blocks.</summary>
    internal static BlockedScope? For(ITaskOwner awaited) => TaskRunner.Current is { } runner ? Open(runner, [awaited]) : null;

    /// <summary>Called before a wait for tasks. One that nobody has sent yet may come to this very dispatcher.</summary>
    /// <exception cref="InvalidOperationException">One of them depends on the task that is to wait for it.</exception>
    internal static BlockedScope? For(IEnumerable<DispatchTask> tasks)
    {
        if (TaskRunner.Current is not { } runner)
        {
            return null;
        }

        HashSet<DispatchTask> open = WithDependencies(tasks);
        return runner.CurrentTask is { } current && open.Contains(current) && !tasks.Contains(current)
            ? throw new InvalidOperationException(string.Format(
                CultureInfo.InvariantCulture,
                "Task {0} '{1}' cannot wait for a task that depends on it: neither would ever end.",
                current.Id,
                current.Name))
            : Open(runner, [.. open.Select(task => task.Owner ?? runner.Owner).Distinct()]);
    }

    /// <inheritdoc/>
    public void Dispose() => Change(isOpen: false);

    /// <summary>The tasks that have not ended, and all that those wait for.</summary>
    private static HashSet<DispatchTask> WithDependencies(IEnumerable<DispatchTask> tasks)
    {
        var open = new HashSet<DispatchTask>();
        var left = new Stack<DispatchTask>(tasks);
        while (left.Count > 0)
        {
            DispatchTask task = left.Pop();
            if (!task.IsEnded && open.Add(task) && task.State == TaskState.Pending)
            {
                foreach (DispatchTask awaited in task.DependsOn)
                {
                    left.Push(awaited);
                }
            }
        }

        return open;
    }

    private static BlockedScope Open(TaskRunner runner, ITaskOwner[] awaited)
    {
        var scope = new BlockedScope(runner, awaited);
        scope.Change(isOpen: true);
        return scope;
    }

    private void Change(bool isOpen)
    {
        InterruptSafe.Enter(s_lock);
        try
        {
            _ = isOpen ? s_open.Add(this) : s_open.Remove(this);
            _changed.Clear();
            Settle(isOpen, _changed);
            if (Array.Exists(_awaited, other => !ReferenceEquals(other, _runner.Owner)))
            {
                foreach (BlockedScope scope in s_open)
                {
                    scope.Settle(isOpen: true, _changed);
                }
            }
        }
        finally
        {
            Monitor.Exit(s_lock);
        }

        // No thread is started under a lock.
        foreach (ITaskOwner owner in _changed)
        {
            owner.StartThreads();
        }
    }

    private void Settle(bool isOpen, List<ITaskOwner> changed)
    {
        bool isBlocked = isOpen && _runner.HoldsPlace && WaitsForItself();
        if (isBlocked == _isBlocked)
        {
            return;
        }

        _isBlocked = isBlocked;
        if (isBlocked)
        {
            _runner.Owner.Block(_runner);
        }
        else
        {
            _runner.Owner.Unblock(_runner);
        }

        changed.Add(_runner.Owner);
    }

    private bool WaitsForItself()
    {
        var seen = new HashSet<ITaskOwner>(_awaited);
        var left = new Queue<ITaskOwner>(_awaited);
        while (left.Count > 0)
        {
            ITaskOwner next = left.Dequeue();
            if (ReferenceEquals(next, _runner.Owner))
            {
                return true;
            }

            // An abandoned worker holds nobody up: there is another in its place.
            foreach (BlockedScope other in s_open.Where(other => ReferenceEquals(other._runner.Owner, next) && other._runner.HoldsPlace))
            {
                Array.ForEach(Array.FindAll(other._awaited, seen.Add), left.Enqueue);
            }
        }

        return false;
    }
}
