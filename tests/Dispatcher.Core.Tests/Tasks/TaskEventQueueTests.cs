using System;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Dispatching.Tests.Support;
using Xunit;

namespace Dispatching.Tests.Tasks;

public sealed class TaskEventQueueTests : IDisposable
{
    private readonly Dispatcher _dispatcher = new(new DispatcherOptions { MinWorkers = 1, MaxWorkers = 2, TaskTimeout = Timeout.InfiniteTimeSpan });

    public TaskEventQueueTests() => _dispatcher.Run();

    public void Dispose() => _dispatcher.Dispose();

    [Fact]
    public void The_end_of_each_task_is_named_once_and_then_there_is_no_more()
    {
        using var events = new TaskEventQueue(eachRecord: false);
        DispatchTask[] tasks = [.. Enumerable.Range(0, 20).Select(_ => Body.Nothing())];
        Array.ForEach(tasks, events.Add);
        Array.ForEach(tasks, task => _dispatcher.Send(task));
        var ended = tasks.ToHashSet();
        while (ended.Count > 0)
        {
            Assert.True(events.TryTake(Bounded.Limit, default, out DispatchTask? task, out bool isEnded));
            Assert.True(isEnded);
            Assert.True(ended.Remove(task!)); // It was named, so it is there.
        }

        Assert.Equal(0, events.OpenCount);
        Assert.False(events.TryTake(Timeout.InfiniteTimeSpan, default, out _, out _));
    }

    [Fact]
    public void A_task_that_has_ended_before_is_named_as_well()
    {
        DispatchTask task = Body.Task(context => context.Write(RecordKind.Output, 1));
        _dispatcher.Send(task);
        Bounded.End(task);
        using var events = new TaskEventQueue(eachRecord: false);
        events.Add(task);
        Assert.True(events.TryTake(TimeSpan.Zero, default, out DispatchTask? named, out bool isEnded));
        Assert.Equal((task, true), (named, isEnded));
        Assert.False(events.TryTake(TimeSpan.Zero, default, out _, out _));
    }

    [Fact]
    public void What_a_task_writes_is_named_while_it_runs()
    {
        using var gate = new Gate("the task to go on");
        DispatchTask task = Body.Task(context =>
        {
            context.Write(RecordKind.Output, 1);
            gate.Wait();
        });
        using var events = new TaskEventQueue(eachRecord: false);
        events.Add(task);
        _dispatcher.Send(task);
        Assert.True(events.TryTake(Bounded.Limit, default, out DispatchTask? named, out bool isEnded));
        Assert.Equal((task, false), (named, isEnded));
        gate.Open();
        Assert.True(events.TryTake(Bounded.Limit, default, out _, out isEnded));
        Assert.True(isEnded);
    }

    [Fact]
    public void A_wait_ends_when_it_is_interrupted_and_can_be_taken_up_again()
    {
        using var blocker = Blocker.On(_dispatcher);
        using var events = new TaskEventQueue(eachRecord: false);
        events.Add(blocker.Task);
        events.Interrupt();
        Assert.False(events.TryTake(Bounded.Limit, default, out _, out _));
        Assert.True(events.WasInterrupted);
        blocker.Release();
        Assert.True(events.TryTake(Bounded.Limit, default, out _, out bool isEnded));
        Assert.True(isEnded);
        Assert.False(events.WasInterrupted);
    }

    [Fact]
    public async Task A_wait_ends_when_it_is_cancelled()
    {
        using var blocker = Blocker.On(_dispatcher);
        using var events = new TaskEventQueue(eachRecord: false);
        using var cancellation = new CancellationTokenSource();
        events.Add(blocker.Task);
        await cancellation.CancelAsync();
        Assert.Throws<OperationCanceledException>(() => events.TryTake(Bounded.Limit, cancellation.Token, out _, out _));
    }

    [Fact]
    public void While_more_is_expected_a_wait_for_no_task_goes_on()
    {
        using var events = new TaskEventQueue(eachRecord: false);
        events.ExpectMore(value: true);
        DispatchTask task = Body.Nothing();
        var adder = new Thread(() =>
        {
            events.Add(task);
            _dispatcher.Send(task);
            events.ExpectMore(value: false);
        });
        adder.Start();
        Assert.True(events.TryTake(Bounded.Limit, default, out DispatchTask? named, out _));
        Assert.Same(task, named);
        Bounded.Join(adder, "the task to be added");
        Assert.False(events.TryTake(Timeout.InfiniteTimeSpan, default, out _, out _));
    }
}
