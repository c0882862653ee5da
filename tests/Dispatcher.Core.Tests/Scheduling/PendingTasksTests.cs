using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Dispatching.Tests.Support;
using Xunit;

namespace Dispatching.Tests.Scheduling;

/// <summary>Which of the tasks that have not started is next, and what holds the others back.</summary>
public sealed class PendingTasksTests : System.IDisposable
{
    private readonly object _lock = new();
    private readonly PendingTasks _pending;

    public PendingTasksTests()
    {
        _pending = new PendingTasks(_lock, bound: 2);
        Monitor.Enter(_lock);
    }

    public void Dispose() => Monitor.Exit(_lock);

    [Fact]
    public void Ready_tasks_start_in_the_order_they_came()
    {
        DispatchTask[] tasks = Make(3);
        tasks.ToList().ForEach(_pending.AddReady);
        Assert.Equal(tasks, TakeAll());
        Assert.Equal(0, _pending.Count);
    }

    [Fact]
    public void The_newest_of_the_overflow_moves_up_when_there_is_space()
    {
        DispatchTask[] tasks = Make(5);
        tasks.Take(2).ToList().ForEach(_pending.AddReady);
        Assert.False(_pending.HasSpace(idleWorkers: 0));
        Assert.True(_pending.HasSpace(idleWorkers: 1));
        tasks.Skip(2).ToList().ForEach(_pending.AddOverflow);
        Assert.Equal((2, 5, 5), (_pending.QueuedCount, _pending.StartableCount, _pending.Count));
        Assert.Equal([tasks[0], tasks[1], tasks[4], tasks[3], tasks[2]], TakeAll());
    }

    [Fact]
    public void A_larger_bound_lets_the_overflow_move_up_at_once_and_a_smaller_takes_none_back()
    {
        DispatchTask[] tasks = Make(4);
        tasks.Take(2).ToList().ForEach(_pending.AddReady);
        tasks.Skip(2).ToList().ForEach(_pending.AddOverflow);
        _pending.Bound = 3;
        Assert.Equal(3, _pending.QueuedCount);
        _pending.Bound = 1;
        Assert.Equal(3, _pending.QueuedCount);
        Assert.False(_pending.IsOverflowStranded);
    }

    [Fact]
    public void Delayed_tasks_are_neither_ready_nor_counted_for_the_bound()
    {
        DispatchTask[] tasks = Make(3);
        _pending.AddDelayed(tasks[0], due: 30);
        _pending.AddDelayed(tasks[1], due: 10);
        _pending.AddDelayed(tasks[2], due: 10);
        Assert.True(_pending.HasSpace(idleWorkers: 0));
        Assert.Null(_pending.TakeNext());
        Assert.Equal((10, 3), (_pending.NextDue, _pending.Count));
        Assert.Null(_pending.TakeDue(now: 9));
        Assert.Equal([tasks[1], tasks[2]], [_pending.TakeDue(now: 10), _pending.TakeDue(now: 10)]);
        Assert.Null(_pending.TakeDue(now: 29));
        Assert.Same(tasks[0], _pending.TakeDue(now: 30));
        Assert.Equal((Clock.Never, 0), (_pending.NextDue, _pending.Count));
    }

    [Fact]
    public void Any_task_can_be_taken_out_of_whatever_holds_it()
    {
        DispatchTask[] tasks = Make(4);
        _pending.AddReady(tasks[0]);
        _pending.AddReady(tasks[1]);
        _pending.AddOverflow(tasks[2]);
        _pending.AddDelayed(tasks[3], due: 5);
        _pending.Remove(tasks[0]);
        Assert.Equal(2, _pending.QueuedCount); // The overflow has moved up.
        _pending.Remove(tasks[3]);
        Assert.Equal(Clock.Never, _pending.NextDue);
        Assert.Null(tasks[3].PendingSet);
        Assert.Equal([tasks[1], tasks[2]], TakeAll());
    }

    [Fact]
    public void All_can_be_taken_and_listed_whatever_holds_them()
    {
        DispatchTask[] tasks = Make(4);
        _pending.AddReady(tasks[0]);
        _pending.AddReady(tasks[1]);
        _pending.AddOverflow(tasks[2]);
        _pending.AddDelayed(tasks[3], due: 5);
        var listed = new List<DispatchTask>();
        _pending.CopyTo(listed);
        var taken = new HashSet<DispatchTask>();
        while (_pending.TakeAny() is { } task)
        {
            Assert.True(taken.Add(task));
        }

        Assert.Equal(tasks.OrderBy(task => task.Id), listed.OrderBy(task => task.Id));
        Assert.Equal(tasks.OrderBy(task => task.Id), taken.OrderBy(task => task.Id));
    }

    [Fact]
    public void Each_task_knows_why_it_waits()
    {
        DispatchTask[] tasks = Make(2);
        _pending.AddReady(tasks[0]);
        _pending.AddDelayed(tasks[1], due: 5);
        Assert.Equal(["Queued", "Delay"], tasks.Select(task => task.PendingSet?.GetReason(task)));
    }

    private static DispatchTask[] Make(int count) => [.. Enumerable.Range(0, count).Select(_ => Body.Nothing())];

    private List<DispatchTask> TakeAll()
    {
        var taken = new List<DispatchTask>();
        while (_pending.TakeNext() is { } task)
        {
            taken.Add(task);
        }

        return taken;
    }
}
