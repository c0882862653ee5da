using System;
using System.Collections.Generic;
using System.Linq;
using Dispatching.Tests.Support;
using Xunit;

namespace Dispatching.Tests.Scheduling.Limits;

public sealed class GroupLimitsTests : IDisposable
{
    private readonly HandRun _run = new(groups: new GroupLimit(new Dictionary<string, int> { ["db"] = 2 }));

    public void Dispose() => _run.Dispose();

    [Fact]
    public void So_many_of_a_group_run_at_once_and_others_pass_them()
    {
        DispatchTask[] db = SendTo("db", 4);
        DispatchTask plain = _run.Send();
        Assert.Equal([db[0], db[1], plain], _run.Start());
        Assert.Equal("Group", db[2].PendingReason);
        _run.Complete(db[1]);
        Assert.Equal([db[2]], _run.Start());
        _run.Fail(db[0]);
        _run.Complete(db[2]);
        Assert.Equal([db[3]], _run.Start());
    }

    [Fact]
    public void A_group_that_is_absent_has_no_limit_and_case_makes_no_difference()
    {
        SendTo("other", 10);
        Assert.Equal(10, _run.Start().Length);
        SendTo("DB", 1);
        SendTo("db", 1);
        SendTo("Db", 1);
        Assert.Equal(2, _run.Start().Length);
    }

    [Fact]
    public void The_default_holds_for_each_group_by_itself()
    {
        _run.Dispatcher.GroupLimit = new GroupLimit(new Dictionary<string, int> { ["db"] = 2 }, defaultLimit: 1);
        DispatchTask[] tasks = [.. SendTo("a", 2), .. SendTo("b", 2), .. SendTo("DB", 3), _run.Send()];
        Assert.Equal([tasks[0], tasks[2], tasks[4], tasks[5], tasks[7]], _run.Start());
        Assert.Throws<ArgumentException>(() => new GroupLimit(new Dictionary<string, int> { ["a"] = 1, ["A"] = 2 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new GroupLimit(0));
    }

    [Fact]
    public void A_raised_limit_lets_more_start_at_once_and_a_lowered_one_stops_nothing()
    {
        DispatchTask[] db = SendTo("db", 10);
        _run.Start();
        int before = _run.Runner.WakeCount;
        _run.Dispatcher.GroupLimit = new GroupLimit(5);
        Assert.True(_run.Runner.WakeCount > before);
        Assert.Equal(db.Skip(2).Take(3), _run.Start());

        _run.Dispatcher.GroupLimit = new GroupLimit(3);
        Assert.All(db.Take(5), task => Assert.Equal(TaskState.Running, task.State));
        _run.Complete(db[0], db[1]);
        Assert.Empty(_run.Start());
        _run.Complete(db[2]);
        Assert.Equal([db[5]], _run.Start());

        _run.Dispatcher.GroupLimit = null;
        Assert.Equal(db.Skip(6), _run.Start());
        _run.Dispatcher.GroupLimit = new GroupLimit(1);
        SendTo("db", 1);
        Assert.Empty(_run.Start());
    }

    [Fact]
    public void A_limit_set_later_keeps_the_order_in_which_they_were_sent()
    {
        _run.Dispatcher.GroupLimit = null;
        DispatchTask[] tasks = SendTo("db", 200);
        _run.Dispatcher.GroupLimit = new GroupLimit(1);
        foreach (DispatchTask task in tasks)
        {
            Assert.Equal([task], _run.Start());
            _run.Complete(task);
        }
    }

    [Fact]
    public void Within_a_group_priority_decides_also_over_one_that_has_a_place_and_has_not_started()
    {
        DispatchTask[] low = SendTo("db", 3);
        DispatchTask high = SendTo("db", 1, priority: 5)[0];
        Assert.Equal([high, low[0]], _run.Start());
        low[2].Priority = 9;
        _run.Complete(high, low[0]);
        Assert.Equal([low[2], low[1]], _run.Start());
    }

    [Fact]
    public void A_changed_priority_leaves_equals_in_the_order_sent()
    {
        _run.Dispatcher.GroupLimit = new GroupLimit(1);
        DispatchTask[] tasks = SendTo("db", 3);
        tasks[0].Priority = 0;
        tasks[0].Priority = 5;
        tasks[0].Priority = 0;
        foreach (DispatchTask task in tasks)
        {
            Assert.Equal([task], _run.Start());
            _run.Complete(task);
        }
    }

    [Fact]
    public void A_retry_enters_its_group_anew()
    {
        _run.Dispatcher.GroupLimit = new GroupLimit(1);
        DispatchTask retried = SendTo("db", 1, retries: 1)[0];
        DispatchTask other = SendTo("db", 1)[0];
        Assert.Equal([retried], _run.Start());
        _run.Fail(retried);
        Assert.Equal([other], _run.Start());
        Assert.Equal("Group", retried.PendingReason);
        _run.Complete(other);
        Assert.Equal([retried], _run.Start());
    }

    [Fact]
    public void A_stopped_task_gives_its_place_on_wherever_it_waits()
    {
        DispatchTask[] db = SendTo("db", 5);
        db[1].Stop();
        db[3].Stop();
        Assert.Equal([db[0], db[2]], _run.Start());
        _run.Complete(db[0]);
        Assert.Equal([db[4]], _run.Start());
    }

    [Fact]
    public void They_keep_their_places_while_the_dispatcher_is_stopped()
    {
        DispatchTask[] db = SendTo("db", 4);
        _run.Start();
        _run.Release();
        _run.Dispatcher.Quit(drain: false, TimeSpan.Zero);
        _run.Complete(db[0], db[1]);
        Bounded.Quit(_run.Dispatcher, drain: false);
        Assert.All(db.Skip(2), task => Assert.Equal("NotStarted", task.PendingReason));
        _run.Dispatcher.Run();
        Bounded.End(db);
        Assert.All(db, task => Assert.Equal(TaskState.Completed, task.State));
    }

    [Fact]
    public void What_a_group_holds_back_counts_for_the_queue()
    {
        using var run = new HandRun(groups: new GroupLimit(1), queueSize: 3, mode: QueueFullMode.Reject);
        run.Send(5, new TaskOptions { Group = "a" });
        Assert.Equal((1 + 3, 2), (run.Dispatcher.Statistics.Sent, run.Dispatcher.Statistics.Rejected));
    }

    [Fact]
    public void A_task_that_is_blocked_gives_its_place_up()
    {
        using var dispatcher = new Dispatcher(new DispatcherOptions { MaxWorkers = 4, GroupLimit = new GroupLimit(1), TaskTimeout = System.Threading.Timeout.InfiniteTimeSpan });
        dispatcher.Run();
        var inGroup = new TaskOptions { Group = "a" };
        DispatchTask Nest(int depth) => Body.Task(
            _ =>
            {
                if (depth > 0)
                {
                    DispatchTask inner = Nest(depth - 1);
                    dispatcher.Send(inner);
                    Assert.Equal(TaskState.Completed, Bounded.End(inner));
                }
            },
            inGroup);
        DispatchTask outer = Nest(10);
        dispatcher.Send(outer);
        Assert.Equal(TaskState.Completed, Bounded.End(outer));
    }

    [Fact]
    public void After_the_wait_it_counts_again()
    {
        using var dispatcher = new Dispatcher(new DispatcherOptions { MaxWorkers = 4, GroupLimit = new GroupLimit(1), TaskTimeout = System.Threading.Timeout.InfiniteTimeSpan });
        dispatcher.Run();
        var inGroup = new TaskOptions { Group = "a" };
        using var waited = new Gate("the wait to be over");
        using var goOn = new Gate("the test");
        DispatchTask outer = Body.Task(
            _ =>
            {
                DispatchTask inner = Body.Nothing(inGroup);
                dispatcher.Send(inner);
                Bounded.End(inner);
                waited.Open();
                goOn.Wait();
            },
            inGroup);
        dispatcher.Send(outer);
        waited.Wait();
        DispatchTask[] next = [.. Enumerable.Range(0, 3).Select(_ => Body.Nothing(inGroup))];
        Array.ForEach(next, task => dispatcher.Send(task));
        Blocker.CheckStrength(dispatcher, 3);
        Assert.All(next, task => Assert.Equal("Group", task.PendingReason));
        goOn.Open();
        Bounded.End(next);
        Assert.Equal(TaskState.Completed, Bounded.End(outer));
    }

    [Fact]
    public void A_limit_that_is_set_while_one_is_blocked_does_not_count_it()
    {
        using var dispatcher = new Dispatcher(new DispatcherOptions { MaxWorkers = 4, TaskTimeout = System.Threading.Timeout.InfiniteTimeSpan });
        dispatcher.Run();
        var inGroup = new TaskOptions { Group = "a" };
        DispatchTask last = Body.Nothing(inGroup);
        DispatchTask outer = Body.Task(_ => Bounded.End(last), inGroup);
        using var unrelated = Blocker.On(dispatcher);
        dispatcher.Send(outer);
        Bounded.Until(() => outer.State == TaskState.Running, "the outer task");
        dispatcher.Suspend();
        dispatcher.Send(last);
        Bounded.Until(() => dispatcher.Scheduler.Handout.Pool.Limit > 4, "the outer task to be blocked");
        dispatcher.GroupLimit = new GroupLimit(1);
        dispatcher.Resume();
        Assert.Equal(TaskState.Completed, Bounded.End(outer));
    }

    [Fact]
    public void A_hundred_thousand_tasks_in_a_thousand_groups_take_no_time_to_speak_of()
    {
        using var run = new HandRun(groups: new GroupLimit(2), queueSize: 1_000_000);
        TaskOptions[] groups = [.. Enumerable.Range(0, 1000).Select(i => new TaskOptions { Group = "group " + i })];
        DispatchTask[] tasks = [.. Enumerable.Range(0, 100_000).Select(i => run.Send(groups[i % 1000]))];
        int started = 0;
        for (int round = 0; round < 50; round++)
        {
            DispatchTask[] now = run.Start();
            Assert.Equal(2000, now.Length);
            started += now.Length;
            run.Complete(now);
        }

        Assert.Equal(100_000, started);
        Assert.All(tasks, task => Assert.Equal(TaskState.Completed, task.State));
    }

    [Fact]
    public void So_do_a_hundred_thousand_with_places_in_one()
    {
        using var run = new HandRun(groups: new GroupLimit(100_000), queueSize: 1_000_000);
        DispatchTask[] tasks = run.Send(100_000, new TaskOptions { Group = "a" });
        Assert.Equal(tasks, run.Start());
        run.Complete(tasks);
    }

    private DispatchTask[] SendTo(string group, int count, int priority = 0, int retries = 0) =>
        _run.Send(count, new TaskOptions { Group = group, Priority = priority, Retries = retries });
}
