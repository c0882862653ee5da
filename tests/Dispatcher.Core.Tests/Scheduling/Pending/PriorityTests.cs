using System;
using System.Linq;
using Dispatching.Tests.Support;
using Xunit;

namespace Dispatching.Tests.Scheduling.Pending;

public sealed class PriorityTests : IDisposable
{
    private HandRun _run = new();

    public void Dispose() => _run.Dispose();

    [Fact]
    public void Higher_comes_first_and_equals_come_in_the_order_sent()
    {
        DispatchTask[] tasks = SendEach(0, 5, -1, 5, 0, int.MaxValue, int.MinValue, -1);
        Assert.Equal(new[] { 5, 1, 3, 0, 4, 2, 7, 6 }, Indexes(tasks, _run.Start()));
    }

    [Fact]
    public void Many_priorities_keep_their_order()
    {
        Restart(queueSize: 10_000);
        var random = new Random(1);
        int[] priorities = [.. Enumerable.Range(0, 2000).Select(_ => random.Next(-50, 50))];
        DispatchTask[] tasks = SendEach(priorities);
        int[] expected = [.. Enumerable.Range(0, 2000).OrderByDescending(i => priorities[i]).ThenBy(i => i)];
        Assert.Equal(expected, Indexes(tasks, [.. Enumerable.Range(0, 200).SelectMany(_ => _run.Start(10))]));
    }

    [Fact]
    public void A_pending_task_can_be_given_another_and_keeps_its_place_by_time()
    {
        DispatchTask[] tasks = SendEach(0, 0, 0, 0);
        tasks[2].Priority = 1;
        tasks[0].Priority = -1;
        tasks[0].Priority = 0;
        Assert.Equal(new[] { 2, 0, 1, 3 }, Indexes(tasks, _run.Start()));
    }

    [Fact]
    public void Once_it_runs_it_has_no_effect()
    {
        DispatchTask task = _run.Send();
        _run.Start();
        task.Priority = 5;
        Assert.Equal(0, task.Priority);
        _run.Complete(task);
        task.Priority = 5;
        Assert.Equal((0, TaskState.Completed), (task.Priority, task.State));
    }

    [Fact]
    public void It_counts_for_a_task_that_waits_for_its_time()
    {
        DispatchTask delayed = _run.Send(new TaskOptions { Delay = TimeSpan.FromSeconds(1) });
        DispatchTask plain = _run.Send();
        delayed.Priority = 3;
        _run.Pass(1);
        Assert.Equal([delayed, plain], _run.Start());
    }

    [Fact]
    public void Equals_that_waited_for_their_time_come_in_the_order_sent()
    {
        DispatchTask delayed = _run.Send(new TaskOptions { Delay = TimeSpan.FromSeconds(1) });
        DispatchTask plain = _run.Send();
        _run.Pass(1);
        DispatchTask last = _run.Send();
        Assert.Equal([delayed, plain, last], _run.Start());
    }

    [Fact]
    public void A_task_sent_earlier_comes_before_what_was_tried_again()
    {
        DispatchTask retried = _run.Send(new TaskOptions { Retries = 1 });
        _run.Start();
        _run.Pass(1);
        DispatchTask delayed = _run.Send(new TaskOptions { Delay = TimeSpan.FromSeconds(2) });
        _run.Pass(1);
        DispatchTask plain = _run.Send();
        _run.Fail(retried);
        _run.Pass(1);
        Assert.Equal([delayed, plain, retried], _run.Start());
    }

    [Fact]
    public void Of_the_overflow_higher_ones_do_not_wait_for_the_queue_and_equals_do()
    {
        Restart(queueSize: 2);
        DispatchTask[] tasks = SendEach(0, 0, 0, 7, 0, 7);
        // The queue before the stack, and the stack last in, first out.
        Assert.Equal(new[] { 5, 3, 0, 1, 4, 2 }, Indexes(tasks, [.. Enumerable.Range(0, 6).SelectMany(_ => _run.Start(1))]));
    }

    [Fact]
    public void In_the_overflow_it_can_be_changed_as_well()
    {
        Restart(queueSize: 1);
        DispatchTask[] tasks = SendEach(0, 0, 0, 0);
        tasks[1].Priority = 9;
        tasks[3].Priority = -9;
        Assert.Equal(new[] { 1, 0, 2, 3 }, Indexes(tasks, [.. Enumerable.Range(0, 4).SelectMany(_ => _run.Start(1))]));
    }

    [Fact]
    public void A_runner_gets_only_attempts_that_have_a_task()
    {
        Restart(queueSize: 1, groups: new GroupLimit(1));
        DispatchTask first = _run.Send(new TaskOptions { Group = "a" });
        DispatchTask second = _run.Send(new TaskOptions { Group = "a" });
        DispatchTask third = _run.Send(new TaskOptions { Group = "a" });
        Assert.All(_run.Runner.Take(5), attempt => Assert.Same(first, attempt.Task));
        Assert.All([second, third], task => Assert.Equal("Group", task.PendingReason));
    }

    [Fact]
    public void A_hundred_thousand_different_ones_take_no_time_to_speak_of()
    {
        Restart(queueSize: 1_000_000);
        DispatchTask[] tasks = SendEach([.. Enumerable.Range(0, 100_000)]);
        Assert.Equal(tasks.Reverse(), _run.Start());
    }

    private static int[] Indexes(DispatchTask[] tasks, DispatchTask[] started) => [.. started.Select(task => Array.IndexOf(tasks, task))];

    private void Restart(int queueSize, GroupLimit? groups = null)
    {
        _run.Dispose();
        _run = new HandRun(queueSize: queueSize, groups: groups);
    }

    private DispatchTask[] SendEach(params int[] priorities) => [.. priorities.Select(priority => _run.Send(new TaskOptions { Priority = priority }))];
}
