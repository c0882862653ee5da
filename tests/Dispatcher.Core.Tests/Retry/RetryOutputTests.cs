using System;
using System.Linq;
using Dispatching.Tests.Support;
using Xunit;

namespace Dispatching.Tests.Retry;

/// <summary>What rules decide over further attempts, and what failed attempts leave.</summary>
public sealed class RetryOutputTests : IDisposable
{
    private readonly HandRun _run = new(random: () => 0.5);

    public void Dispose() => _run.Dispose();

    [Fact]
    public void A_failed_attempt_leaves_no_output_and_the_last_is_live()
    {
        DispatchTask task = _run.Send(new TaskOptions { Retries = 1 });
        Write(task, "first");
        _run.AttemptOf(task).Write(RecordKind.Error, "error of the first");
        Assert.Equal([], Outputs(task));
        Assert.False(task.HadErrors);
        _run.Fail(task);
        Assert.Equal([], Outputs(task));
        Write(task, "last");
        Assert.Equal(["last"], Outputs(task));
        _run.Complete(task);
        Assert.Equal(["last"], Outputs(task));
        Assert.True(task.HadErrors);
        DroppedOutputNotice notice = Assert.Single(Notices(task));
        Assert.Equal((task.Id, 2), (notice.TaskId, notice.Count));
    }

    [Fact]
    public void One_that_succeeds_early_leaves_all_in_its_order_and_no_warning()
    {
        DispatchTask task = _run.Send(new TaskOptions { Retries = 5 });
        Write(task, "a");
        Write(task, RecordKind.Warning, "w");
        Write(task, RecordKind.Error, "e");
        Write(task, "b");
        _run.Complete(task);
        Assert.True(task.HasUnreceived);
        Assert.Equal([RecordKind.Output, RecordKind.Warning, RecordKind.Error, RecordKind.Output], task.GetRecords().Select(record => record.Kind));
        Assert.True(task.HadErrors);
    }

    [Fact]
    public void Progress_is_shown_at_once()
    {
        DispatchTask task = _run.Send(new TaskOptions { Retries = 1 });
        Write(task, RecordKind.Progress, "half");
        Assert.Single(task.GetRecords());
    }

    [Fact]
    public void There_is_one_warning_however_many_attempts_there_were()
    {
        DispatchTask task = _run.Send(new TaskOptions { Retries = 3 });
        for (int i = 0; i < 3; i++)
        {
            Write(task, i);
            Write(task, i);
            _run.Fail(task);
        }

        Write(task, "last");
        _run.Fail(task);
        Assert.Equal(6, Assert.Single(Notices(task)).Count);
        Assert.Equal(["last"], Outputs(task));
        Assert.True(task.HadErrors);
        Assert.Equal(RecordKind.Error, task.GetRecords()[^1].Kind);
        Assert.Equal(3, task.GetRecords().Count(record => record.Value is RetryNotice));
    }

    [Fact]
    public void A_stop_keeps_what_the_attempt_has_written_and_says_what_was_dropped()
    {
        DispatchTask task = _run.Send(new TaskOptions { Retries = 3 });
        Write(task, "first");
        _run.Fail(task);
        Write(task, "second");
        task.Stop();
        _run.Complete(task);
        Assert.Equal((TaskState.Stopped, 1), (task.State, Assert.Single(Notices(task)).Count));
        Assert.Equal(["second"], Outputs(task));
    }

    [Fact]
    public void One_that_is_stopped_while_it_waits_says_what_was_dropped()
    {
        DispatchTask task = _run.Send(new TaskOptions { Retries = 3, RetryDelay = TimeSpan.FromSeconds(1) });
        Write(task, "first");
        _run.Fail(task);
        task.Stop();
        Assert.Equal((TaskState.Stopped, 1), (task.State, Assert.Single(Notices(task)).Count));
        Assert.Equal([], Outputs(task));
    }

    [Fact]
    public void A_timeout_that_is_not_retried_keeps_its_output()
    {
        DispatchTask task = _run.Send(new TaskOptions { Retries = 3, Timeout = TimeSpan.FromSeconds(1), RetryRule = new Rule(_ => true, retriesTimeouts: false) });
        Write(task, "first");
        _run.Pass(1);
        _run.Complete(task);
        Assert.Equal((TaskState.TimedOut, 1), (task.State, task.Attempt));
        Assert.Equal(["first"], Outputs(task));
    }

    [Fact]
    public void A_timeout_is_tried_again_where_the_rule_says_so()
    {
        DispatchTask task = _run.Send(new TaskOptions { Retries = 1, Timeout = TimeSpan.FromSeconds(1), RetryRule = new Rule(_ => false, retriesTimeouts: true) });
        _run.Start();
        _run.Pass(1);
        _run.Complete(task);
        Assert.Equal((TaskState.Pending, 1), (task.State, task.Attempt));
    }

    [Fact]
    public void A_rule_that_says_no_ends_the_task_with_its_own_error()
    {
        DispatchTask task = _run.Send(new TaskOptions { Retries = 3, RetryRule = new Rule(error => error is TimeoutException) });
        _run.Start();
        _run.Fail(task, new TimeoutException("again"));
        Assert.Equal(TaskState.Pending, task.State);
        _run.Start();
        _run.Fail(task, new InvalidOperationException("for good"));
        Assert.Equal((TaskState.Failed, "for good", 2), (task.State, task.Exception!.Message, task.Attempt));
    }

    [Fact]
    public void What_a_rule_throws_is_the_error()
    {
        DispatchTask task = _run.Send(new TaskOptions { Retries = 3, RetryRule = new Rule(_ => throw new FormatException("bad rule")) });
        _run.Start();
        _run.Fail(task);
        Assert.Equal((TaskState.Failed, "bad rule", 1), (task.State, task.Exception!.Message, task.Attempt));
    }

    [Fact]
    public void The_rule_is_not_asked_after_the_last_attempt()
    {
        var rule = new Rule(_ => true);
        DispatchTask task = _run.Send(new TaskOptions { Retries = 1, RetryRule = rule });
        _run.Start();
        _run.Fail(task);
        _run.Start();
        _run.Fail(task);
        Assert.Equal((TaskState.Failed, 1), (task.State, rule.AskedCount));
    }

    [Fact]
    public void The_rule_judges_a_host_that_does_not_open()
    {
        using var dispatcher = new Dispatcher(new DispatcherOptions { CreateWorkerHost = () => throw new InvalidOperationException("no host") });
        var rule = new Rule(_ => false);
        DispatchTask task = FakeHost.Task(_ => { }, new TaskOptions { Retries = 3, RetryRule = rule });
        dispatcher.Dispatch(task);
        dispatcher.Run();
        Assert.Equal(TaskState.Failed, Bounded.End(task));
        Assert.Equal((1, 1), (task.Attempt, rule.AskedCount));
    }

    [Theory]
    [InlineData(7.0, 10, 7.0)]
    [InlineData(1.0, 10, 2.0)]
    [InlineData(10.0, 10, 10.0)]
    [InlineData(10.001, 10, null)]
    [InlineData(100.0, null, 100.0)]
    public void A_server_that_asks_for_a_delay_gets_it_unless_it_is_above_the_maximum(double leastDelay, int? maximum, double? expected)
    {
        DispatchTask task = _run.Send(new TaskOptions
        {
            Retries = 1,
            RetryDelay = TimeSpan.FromSeconds(2),
            RetryMaxDelay = maximum is { } max ? TimeSpan.FromSeconds(max) : null,
            RetryRule = new Rule(_ => true, leastDelay: leastDelay),
        });
        _run.Start();
        _run.Fail(task);
        if (expected is not { } delay)
        {
            Assert.Equal((TaskState.Failed, 1), (task.State, task.Attempt));
            return;
        }

        _run.Pass(delay - 0.001);
        Assert.Empty(_run.Start());
        _run.Pass(0.001);
        Assert.Equal([task], _run.Start());
    }

    [Fact]
    public void Waits_grow_and_jitter_comes_from_the_dispatcher()
    {
        DispatchTask task = _run.Send(new TaskOptions { Retries = 3, RetryDelay = TimeSpan.FromSeconds(4), RetryBackoff = RetryBackoff.Exponential, RetryJitter = true, RetryMaxDelay = TimeSpan.FromSeconds(12) });
        foreach (double delay in new[] { 3.0, 6, 9 })
        {
            Assert.Equal([task], _run.Start());
            _run.Fail(task);
            _run.Pass(delay - 0.001);
            Assert.Empty(_run.Start());
            _run.Pass(0.001);
        }

        Assert.Equal([task], _run.Start());
    }

    private static object?[] Outputs(DispatchTask task) => [.. task.GetRecords().Where(record => record.Kind == RecordKind.Output).Select(record => record.Value)];

    private static DroppedOutputNotice[] Notices(DispatchTask task) => [.. task.GetRecords().Select(record => record.Value).OfType<DroppedOutputNotice>()];

    private void Write(DispatchTask task, object value) => Write(task, RecordKind.Output, value);

    private void Write(DispatchTask task, RecordKind kind, object value)
    {
        _run.Start();
        _run.AttemptOf(task).Write(kind, value);
    }

    private sealed class Rule(Func<Exception, bool> decide, bool retriesTimeouts = true, double leastDelay = 0) : IRetryRule
    {
        internal int AskedCount { get; private set; }

        public bool RetriesTimeouts => retriesTimeouts;

        public bool ShouldRetry(Exception error, out TimeSpan delay)
        {
            AskedCount++;
            delay = TimeSpan.FromSeconds(leastDelay);
            return decide(error);
        }
    }
}
