using System;
using System.Collections.Generic;
using System.Linq;
using Dispatching.Tests.Support;
using Xunit;

namespace Dispatching.Tests.Tasks;

public sealed class DependencyTests : IDisposable
{
    private readonly HandRun _run = new();

    public void Dispose() => _run.Dispose();

    [Fact]
    public void It_starts_when_all_have_completed()
    {
        DispatchTask[] first = _run.Send(2);
        DispatchTask last = After(first);
        Assert.Equal("Dependency", last.PendingReason);
        Assert.Equal(first, _run.Start());
        _run.Complete(first[0]);
        Assert.Empty(_run.Start());
        _run.Complete(first[1]);
        Assert.Equal([last], _run.Start());
        Assert.Equal(first, last.DependsOn);
    }

    [Fact]
    public void One_that_fails_stops_those_after_it_at_any_distance_and_is_named()
    {
        DispatchTask failing = _run.Send();
        DispatchTask second = After(failing);
        DispatchTask third = After(second);
        DispatchTask fourth = After(third, failing);
        _run.Start();
        _run.Fail(failing);
        Assert.All([second, third, fourth], task =>
        {
            Assert.Equal((TaskState.Stopped, 0), (task.State, task.Attempt));
            var error = Assert.IsType<DependencyFailedException>(task.Exception);
            Assert.Same(failing, error.Cause);
            Assert.Contains("task " + failing.Id + " ", error.Message, StringComparison.Ordinal);
            Assert.Single(task.GetRecords(), record => record.Kind == RecordKind.Error);
        });
        Assert.Equal(3, _run.Dispatcher.Statistics.Stopped);
    }

    [Fact]
    public void The_first_that_ends_otherwise_counts_and_the_others_need_not_end()
    {
        DispatchTask[] first = _run.Send(3);
        DispatchTask last = After(first);
        _run.Start();
        _run.Complete(first[2]);
        _run.Fail(first[1]);
        Assert.Same(first[1], Assert.IsType<DependencyFailedException>(last.Exception).Cause);
        _run.Fail(first[0]);
        Assert.Equal(TaskState.Stopped, last.State);
    }

    [Fact]
    public void A_stop_or_a_timeout_is_no_completion()
    {
        DispatchTask pending = _run.Send(new TaskOptions { Delay = TimeSpan.FromHours(1) });
        DispatchTask slow = _run.Send(new TaskOptions { Timeout = TimeSpan.FromSeconds(1) });
        DispatchTask[] after = [After(pending), After(slow)];
        _run.Start();
        pending.Stop();
        _run.Pass(1);
        _run.Complete(slow);
        Assert.Equal([pending, slow], after.Select(task => Assert.IsType<DependencyFailedException>(task.Exception).Cause));
        Assert.Contains("Stopped", after[0].Exception!.Message, StringComparison.Ordinal);
        Assert.Contains("TimedOut", after[1].Exception!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Ended_asks_for_no_more_than_an_end()
    {
        DispatchTask[] first = _run.Send(3);
        DispatchTask last = _run.Send(new TaskOptions { DependsOn = first, DependencyMode = DependencyMode.Ended });
        _run.Start();
        first[0].Stop();
        _run.Complete(first[0]);
        _run.Fail(first[1]);
        Assert.Empty(_run.Start());
        _run.Complete(first[2]);
        Assert.Equal([last], _run.Start());
    }

    [Fact]
    public void Only_the_end_after_all_retries_counts()
    {
        DispatchTask retried = _run.Send(new TaskOptions { Retries = 1, RetryDelay = TimeSpan.FromSeconds(1) });
        DispatchTask last = After(retried);
        _run.Start();
        _run.Fail(retried);
        _run.Pass(1);
        Assert.Equal("Dependency", last.PendingReason);
        Assert.Equal([retried], _run.Start());
        _run.Complete(retried);
        Assert.Equal([last], _run.Start());
    }

    [Fact]
    public void One_that_has_ended_before_counts_at_once()
    {
        DispatchTask completed = _run.Send();
        DispatchTask failed = _run.Send();
        _run.Start();
        _run.Complete(completed);
        _run.Fail(failed);
        DispatchTask good = After(completed, completed);
        DispatchTask bad = After(completed, failed);
        Assert.Equal([good], _run.Start());
        Assert.Equal(TaskState.Stopped, bad.State);
    }

    [Fact]
    public void One_that_is_sent_later_is_waited_for()
    {
        DispatchTask later = Body.Nothing();
        DispatchTask last = After(later);
        Assert.Empty(_run.Start());
        _run.Dispatcher.Dispatch(later);
        Assert.Equal([later], _run.Start());
        _run.Complete(later);
        Assert.Equal([last], _run.Start());
    }

    [Fact]
    public void It_may_belong_to_another_dispatcher()
    {
        using var other = new HandRun();
        DispatchTask[] there = other.Send(2);
        DispatchTask good = After(there[0]);
        DispatchTask bad = After(there[1]);
        DispatchTask back = other.Send(new TaskOptions { DependsOn = [bad], DependencyMode = DependencyMode.Ended });
        other.Start();
        other.Complete(there[0]);
        other.Fail(there[1]);
        Assert.Equal([good], _run.Start());
        Assert.Same(there[1], Assert.IsType<DependencyFailedException>(bad.Exception).Cause);
        Assert.Equal([back], other.Start());
    }

    [Fact]
    public void Its_delay_counts_from_when_it_was_sent_and_its_group_from_when_it_is_ready()
    {
        _run.Dispatcher.GroupLimit = new GroupLimit(1);
        DispatchTask first = _run.Send(new TaskOptions { Group = "a" });
        DispatchTask last = _run.Send(new TaskOptions { DependsOn = [first], Delay = TimeSpan.FromSeconds(5), Group = "a" });
        DispatchTask other = _run.Send(new TaskOptions { Group = "a" });
        Assert.Equal([first], _run.Start());
        _run.Pass(2);
        _run.Complete(first);
        Assert.Equal("Delay", last.PendingReason);
        Assert.Equal([other], _run.Start());
        _run.Pass(3);
        Assert.Equal("Group", last.PendingReason);
        _run.Complete(other);
        Assert.Equal([last], _run.Start());
    }

    [Fact]
    public void It_holds_a_drain_and_can_be_stopped()
    {
        DispatchTask first = _run.Send();
        DispatchTask second = After(first);
        DispatchTask third = After(second);
        _run.Start();
        _run.Release();
        Assert.False(_run.Dispatcher.Quit(drain: true, TimeSpan.Zero));
        second.Stop();
        Assert.Equal((TaskState.Stopped, TaskState.Stopped), (second.State, third.State));
        Assert.Null(second.Exception);
        Assert.Same(second, Assert.IsType<DependencyFailedException>(third.Exception).Cause);
        _run.Complete(first);
        Bounded.Quit(_run.Dispatcher, drain: true);
    }

    [Fact]
    public void Once_it_has_ended_it_follows_the_others_no_longer()
    {
        DispatchTask living = _run.Send();
        DispatchTask failed = _run.Send();
        _run.Start();
        _run.Fail(failed);
        WeakReference[] ended = [.. Enumerable.Range(0, 10).Select(_ => SendAndForget([failed, living]))];
        for (int i = 0; i < 10 && ended.Any(task => task.IsAlive); i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.True(ended.Count(task => task.IsAlive) <= 1, "Tasks that have ended are held by one that has not.");
        GC.KeepAlive(living);
    }

    [Fact]
    public void A_chain_of_a_hundred_thousand_that_fails_at_its_head_ends()
    {
        using var run = new HandRun(queueSize: 1_000_000);
        var chain = new List<DispatchTask> { run.Send() };
        for (int i = 1; i < 100_000; i++)
        {
            chain.Add(run.Send(new TaskOptions { DependsOn = [chain[i - 1]] }));
        }

        Assert.Equal([chain[0]], run.Start());
        run.Fail(chain[0]);
        Assert.All(chain.Skip(1), task => Assert.Equal(TaskState.Stopped, task.State));
        Assert.Same(chain[0], Assert.IsType<DependencyFailedException>(chain[^1].Exception).Cause);
    }

    [Fact]
    public void Ten_thousand_that_depend_on_one_start_in_the_order_sent()
    {
        using var run = new HandRun(queueSize: 1_000_000);
        DispatchTask first = run.Send();
        DispatchTask[] after = run.Send(100_000, new TaskOptions { DependsOn = [first] });
        run.Start();
        run.Complete(first);
        Assert.Equal(after, run.Start());
    }

    [Fact]
    public void Nothing_is_forgotten_where_several_end_at_once()
    {
        for (int round = 0; round < 300; round++)
        {
            using var run = new HandRun();
            DispatchTask[] heads = run.Send(4, new TaskOptions { Delay = TimeSpan.FromHours(1) });
            DispatchTask[] middle = [.. heads.Select(head => run.Send(new TaskOptions { DependsOn = [head] }))];
            DispatchTask[] joint = run.Send(8, new TaskOptions { DependsOn = middle });
            DispatchTask[] leaves = [.. middle.SelectMany(task => run.Send(4, new TaskOptions { DependsOn = [task, joint[0]] }))];
            DispatchTask[] ends = [.. leaves.Select(leaf => run.Send(new TaskOptions { DependsOn = [leaf] }))];
            Bounded.OnThreads(4, index => heads[index].Stop());
            Assert.All([.. joint, .. leaves, .. ends], task => Assert.Equal(TaskState.Stopped, task.State));
        }
    }

    [Fact]
    public void An_element_that_is_null_is_an_error() =>
        Assert.Throws<ArgumentException>(() => new TaskOptions { DependsOn = [null!] });

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static WeakReference SendAndForget(DispatchTask[] dependsOn)
    {
        using var dispatcher = new Dispatcher(new DispatcherOptions { HistorySize = 0 });
        DispatchTask task = Body.Nothing(new TaskOptions { DependsOn = dependsOn });
        dispatcher.Dispatch(task);
        Assert.Equal(TaskState.Stopped, task.State);
        return new WeakReference(task);
    }

    private DispatchTask After(params DispatchTask[] tasks) => _run.Send(new TaskOptions { DependsOn = tasks });
}
