using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Xunit;

namespace Dispatching.Tests.Workers;

/// <summary>How the pool counts, grows and shrinks. Its workers are never started: nobody here starts their threads.</summary>
public sealed class WorkerPoolTests : IDisposable
{
    private readonly object _lock = new();
    private readonly Dispatcher _owner = new(new DispatcherOptions());
    private readonly WorkerPool _pool;

    public WorkerPoolTests()
    {
        _pool = new WorkerPool(_owner.Scheduler, new NoScheduler(), _lock, min: 0, max: 5);
        Monitor.Enter(_lock);
    }

    public void Dispose()
    {
        Monitor.Exit(_lock);
        _owner.Dispose();
    }

    [Fact]
    public void A_miss_doubles_it_from_1_up_to_the_maximum()
    {
        var counts = new List<int>();
        for (int i = 0; i < 5; i++)
        {
            _pool.GrowOnMiss(waiting: 1);
            counts.Add(_pool.Count);
            TakeAll().ForEach(_pool.Arrived); // All are at work.
        }

        Assert.Equal([1, 2, 4, 5, 5], counts);
    }

    [Fact]
    public void Workers_on_their_way_and_idle_ones_are_no_miss()
    {
        _pool.GrowTo(2);
        _pool.GrowOnMiss(waiting: 2);
        Assert.Equal(2, _pool.Count);
        List<Worker> workers = TakeAll();
        workers.ForEach(_pool.Arrived);
        _pool.AddIdle(workers[0]);
        _pool.GrowOnMiss(waiting: 1);
        Assert.Equal(2, _pool.Count);
        _pool.GrowOnMiss(waiting: 2);
        Assert.Equal(4, _pool.Count);
    }

    [Fact]
    public void The_newest_idle_worker_is_called_and_one_at_a_time()
    {
        List<Worker> workers = Idle(3);
        _pool.CallIdle();
        _pool.CallIdle();
        Assert.Equal([false, false, true], workers.Select(worker => worker.IsCalled));
        Assert.Equal(3, _pool.IdleCount); // It counts until it has come.
        _pool.Arrived(workers[2]);
        Assert.Equal(2, _pool.IdleCount);
        _pool.CallIdle();
        Assert.True(workers[1].IsCalled);
    }

    [Fact]
    public void It_shrinks_by_those_that_have_been_idle_for_longest_and_by_no_other()
    {
        List<Worker> workers = Idle(2);
        _pool.GrowTo(4);
        List<Worker> busy = TakeAll();
        busy.ForEach(_pool.Arrived);
        _pool.ShrinkTo(3);
        Assert.Equal([false, true], workers.Select(worker => worker.IsInPool));
        _pool.ShrinkTo(0);
        Assert.Equal(2, _pool.Count);
        Assert.All(busy, worker => Assert.True(worker.IsInPool));
        Assert.Equal(2, _pool.Exiting);
    }

    [Fact]
    public void A_blocked_worker_makes_room_for_one_more_until_it_goes_on_or_is_abandoned()
    {
        _pool.GrowTo(5);
        List<Worker> workers = TakeAll();
        workers.ForEach(_pool.Arrived);
        _pool.Block(workers[0]);
        _pool.Block(workers[0]);
        _pool.Block(workers[1]);
        Assert.Equal(8, _pool.Limit);
        _pool.GrowTo(100);
        Assert.Equal(8, _pool.Count);
        _pool.Unblock(workers[0]);
        Assert.Equal(7, _pool.Limit);
        _pool.Abandon(workers[0]);
        _pool.Unblock(workers[0]); // It holds no place any more.
        Assert.Equal((6, 7, true), (_pool.Limit, _pool.Count, _pool.IsOverfull));
    }

    [Fact]
    public void Without_a_thread_to_be_had_those_that_were_to_start_go_and_it_does_not_grow()
    {
        _pool.GrowTo(3);
        Assert.True(_pool.HasUnstarted);
        Worker first = _pool.TakeUnstarted()!;
        _pool.OnStartFailed(first);
        Assert.Equal((0, false, true), (_pool.Count, _pool.HasUnstarted, _pool.IsHeldBack));
        _pool.GrowTo(1);
        _pool.GrowTo(2);
        Assert.Equal(1, _pool.Count); // One is tried all the same, or nothing would ever run.
    }

    [Fact]
    public void The_end_of_a_worker_that_left_in_order_is_waited_for_until_its_deadline()
    {
        List<Worker> workers = Idle(2);
        _pool.ShrinkTo(0);
        workers[0].ExitDeadline = 10;
        workers[1].ExitDeadline = 20;
        Assert.Equal((2, 10L), (_pool.Exiting, _pool.NextExit));
        _pool.AbandonExiting(now: 10);
        Assert.Equal((1, 20L), (_pool.Exiting, _pool.NextExit));
        _pool.Exited(workers[1]);
        Assert.Equal((0, Clock.Never), (_pool.Exiting, _pool.NextExit));
    }

    [Fact]
    public void All_that_run_nothing_are_let_go_together()
    {
        List<Worker> workers = Idle(3);
        _pool.CallIdle();
        _pool.Arrived(workers[2]);
        workers[2].RunningCount = 1;
        _pool.GrowTo(4); // One that has not started.
        _pool.Clear();
        Assert.Equal((1, 2), (_pool.Count, _pool.Exiting));
        Assert.True(workers[2].IsInPool);
        Assert.Null(_pool.TakeUnstarted());
    }

    private List<Worker> Idle(int count)
    {
        _pool.GrowTo(count);
        List<Worker> workers = TakeAll();
        workers.ForEach(_pool.Arrived);
        workers.ForEach(_pool.AddIdle);
        return workers;
    }

    private List<Worker> TakeAll()
    {
        var workers = new List<Worker>();
        while (_pool.TakeUnstarted() is { } worker)
        {
            workers.Add(worker);
        }

        return workers;
    }

    private sealed class NoScheduler : IWorkerScheduler
    {
        public IWorkerHost CreateHost() => throw new NotSupportedException();

        public bool CompleteAndTakeNext(Worker worker, TaskContext? finished, Exception? error, out TaskContext? next) => throw new NotSupportedException();

        public Exception? Record(TaskContext attempt) => throw new NotSupportedException();

        public void CompleteStopped(TaskContext attempt, AttemptState state) => throw new NotSupportedException();

        public void CompleteBroken(Worker worker, Exception error) => throw new NotSupportedException();

        public void StartTimeout(TaskContext attempt) => throw new NotSupportedException();

        public void AbandonCurrent(TaskContext attempt) => throw new NotSupportedException();

        public ITaskClaims GetClaims(Worker worker) => throw new NotSupportedException();

        public void OnExited(Worker worker) => throw new NotSupportedException();

        public long GetExitDeadline() => 1;
    }
}
