using System.Collections.Generic;

namespace Dispatching;

/// <summary>
/// Lists of tasks by <see cref="DispatchTask.Priority"/>. Where all have the default priority, as most have, it is one list
/// and a check. Not thread-safe.
/// </summary>
internal abstract class PriorityLists : IPendingSet
{
    // Lists that are empty stay up to this number: most callers use few priorities, over and over.
    private const int KeptLists = 16;

    private static readonly IComparer<int> s_descending = Comparer<int>.Create((x, y) => y.CompareTo(x));

    private readonly IPendingSet? _owner;
    private readonly TaskList _default;
    private SortedDictionary<int, TaskList>? _others;
    private int _otherCount;

    // The highest of the others that has tasks.
    private TaskList? _highest;
    private int _highestPriority;

    /// <param name="owner">The set that this is a part of, which its tasks know as theirs.</param>
    private protected PriorityLists(IPendingSet? owner = null)
    {
        _owner = owner;
        _default = new TaskList(owner ?? this);
    }

    /// <inheritdoc/>
    public abstract string GetReason(DispatchTask task);

    /// <inheritdoc/>
    public int Count => _default.Count + _otherCount;

    /// <summary>The highest priority of its tasks; less than any where it has none.</summary>
    internal long HighestPriority => HasHigher || (_highest is not null && _default.Count == 0)
        ? _highestPriority
        : _default.Count > 0 ? 0 : long.MinValue;

    private bool HasHigher => _highest is not null && _highestPriority > 0;

    /// <inheritdoc/>
    public void Add(DispatchTask task) => GetListFor(task).Add(task);

    /// <summary>Takes a task in at the place that it has by the time at which it was sent.</summary>
    internal void Insert(DispatchTask task) => GetListFor(task).Insert(task);

    /// <inheritdoc/>
    public void Remove(DispatchTask task)
    {
        if (task.Priority == 0)
        {
            _default.Remove(task);
            return;
        }

        TaskList list = _others![task.Priority]; // It is in it.
        list.Remove(task);
        OnRemoved(list, task.Priority);
    }

    /// <inheritdoc/>
    public void CopyTo(List<DispatchTask> target)
    {
        _default.CopyTo(target);
        foreach (TaskList list in _others?.Values as IEnumerable<TaskList> ?? [])
        {
            list.CopyTo(target);
        }
    }

    /// <inheritdoc/>
    public DispatchTask? TakeAny() => TakeNext();

    /// <summary>Takes out the next one: of those with the highest priority, the one that <see cref="Choose"/> names.</summary>
    internal DispatchTask? TakeNext()
    {
        if (HasHigher || (_default.Count == 0 && _highest is not null))
        {
            DispatchTask task = Choose(_highest!)!; // It has one.
            Remove(task);
            return task;
        }

        DispatchTask? plain = Choose(_default);
        if (plain is not null)
        {
            _default.Remove(plain);
        }

        return plain;
    }

    /// <summary>Names the next one and leaves it; <see langword="null"/> where there is none.</summary>
    internal DispatchTask? Peek() => Choose(HasHigher || (_default.Count == 0 && _highest is not null) ? _highest! : _default);

    /// <summary>The next of a list; <see langword="null"/> where it is empty.</summary>
    private protected abstract DispatchTask? Choose(TaskList list);

    private TaskList GetListFor(DispatchTask task)
    {
        int priority = task.Priority;
        if (priority == 0)
        {
            return _default;
        }

        _others ??= new SortedDictionary<int, TaskList>(s_descending);
        if (!_others.TryGetValue(priority, out TaskList? list))
        {
            _others.Add(priority, list = new TaskList(_owner ?? this));
        }

        if (_highest is null || priority > _highestPriority)
        {
            (_highest, _highestPriority) = (list, priority);
        }

        _otherCount++;
        return list;
    }

    private void OnRemoved(TaskList list, int priority)
    {
        _otherCount--;
        if (list.Count > 0)
        {
            return;
        }

        if (_others!.Count > KeptLists)
        {
            _others.Remove(priority);
        }

        if (ReferenceEquals(list, _highest))
        {
            _highest = null;
            if (_otherCount > 0)
            {
                FindHighest();
            }
        }
    }

    private void FindHighest()
    {
        foreach (KeyValuePair<int, TaskList> level in _others!)
        {
            if (level.Value.Count > 0)
            {
                (_highest, _highestPriority) = (level.Value, level.Key);
                return;
            }
        }
    }
}
