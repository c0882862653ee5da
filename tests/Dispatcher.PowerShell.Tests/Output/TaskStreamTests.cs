using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Threading;
using Xunit;

namespace Dispatching.PowerShell.Tests;

/// <summary>In which order the records of several tasks are passed on, without a session around it.</summary>
public sealed class TaskStreamTests : IDisposable
{
    private readonly Dispatcher _dispatcher = new(new DispatcherOptions { MinWorkers = 0, MaxWorkers = 8 });
    private readonly Recorder _sink = new();

    public TaskStreamTests() => _dispatcher.Run();

    public void Dispose() => _dispatcher.Dispose();

    [Fact]
    public void Records_come_as_they_are_written_and_an_end_after_the_last_of_its_task()
    {
        using TaskStream stream = Create();
        Step first = Send(stream);
        Step second = Send(stream);
        second.Write("b1");
        stream.Pump();
        first.Write("a1");
        stream.Pump();
        second.End();
        first.Write("a2");
        first.End();
        stream.Pump(Limits.Hang);
        Assert.Equal(["b1", "a1"], _sink.Events.Take(2));
        Assert.Equal(["a1", "a2", "end"], _sink.Of(first));
        Assert.Equal(["b1", "end"], _sink.Of(second));
        Assert.Equal((0, 0), (stream.OpenCount, stream.RunningCount));
    }

    [Fact]
    public void In_order_a_later_task_waits_for_the_end_of_an_earlier_one()
    {
        using TaskStream stream = Create(ordered: true);
        Step first = Send(stream);
        Step second = Send(stream);
        second.Write("b1");
        second.End();
        stream.Pump();
        Assert.Empty(_sink.Events);
        Assert.Equal((2, 1), (stream.OpenCount, stream.RunningCount));
        first.Write("a1");
        stream.Pump();
        Assert.Equal(["a1"], _sink.Events); // The first is live.
        first.End();
        stream.Pump(Limits.Hang);
        Assert.Equal(["a1", "end", "b1", "end"], _sink.Events);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_is_passed_on_stays_with_the_task_where_it_is_kept(bool keep)
    {
        using TaskStream stream = Create(keep: keep);
        Step step = Send(stream);
        step.Write(1);
        step.Write(2);
        step.End();
        stream.Pump(Limits.Hang);
        Assert.Equal(["1", "2", "end"], _sink.Events);
        Assert.Equal(keep ? 2 : 0, step.Task.GetRecords().Length);
    }

    [Fact]
    public void It_knows_whether_any_task_has_failed_or_was_stopped()
    {
        using TaskStream stream = Create();
        Step failed = Send(stream);
        failed.End(new InvalidOperationException("no"));
        stream.Pump(Limits.Hang);
        Assert.Equal((true, false), (stream.HasFailed, stream.HasStopped));
        Step stopped = Send(stream);
        stopped.Task.Stop();
        stopped.End();
        stream.Pump(Limits.Hang);
        Assert.Equal((true, true), (stream.HasFailed, stream.HasStopped));
        Assert.Equal(["error:no"], _sink.Of(failed).Take(1));
    }

    [Fact]
    public void A_pump_without_tasks_goes_on_only_while_more_are_expected()
    {
        using TaskStream stream = Create();
        Assert.False(stream.PumpNext(Timeout.InfiniteTimeSpan));
        stream.ExpectMore();
        Step step = Send(stream);
        step.End();
        Assert.True(stream.PumpNext(Limits.Hang));
        stream.CompleteAdding();
        stream.Pump(Limits.Hang);
        Assert.Equal(["end"], _sink.Events);
    }

    private TaskStream Create(bool ordered = false, bool keep = false) => new(_sink, wait => wait(CancellationToken.None), ordered, keep);

    private Step Send(TaskStream stream)
    {
        var step = new Step();
        stream.Add(step.Task);
        _dispatcher.Dispatch(step.Task);
        return step;
    }

    /// <summary>A task that writes and ends when it is told to.</summary>
    private sealed class Step : IDispatchable
    {
        private readonly Channel _orders = new();

        internal Step() => Task = new DispatchTask(this);

        internal DispatchTask Task { get; }

        public void Execute(TaskContext context)
        {
            while (_orders.Take() is { IsEnd: var isEnd, Value: var value })
            {
                if (isEnd)
                {
                    if (value is Exception error)
                    {
                        throw error;
                    }

                    return;
                }

                context.Write(RecordKind.Output, value);
                _orders.Confirm();
            }
        }

        internal void Write(object? value) => _orders.Send(value, isEnd: false);

        internal void End(Exception? error = null)
        {
            _orders.Send(error, isEnd: true);
            Assert.True(Task.Wait(Limits.Hang));
        }
    }

    /// <summary>Hands one order at a time to the thread of a task.</summary>
    private sealed class Channel
    {
        private readonly Queue<(object? Value, bool IsEnd)> _orders = new();
        private int _written;

        internal (object? Value, bool IsEnd) Take()
        {
            lock (_orders)
            {
                while (_orders.Count == 0)
                {
                    Monitor.Wait(_orders);
                }

                return _orders.Dequeue();
            }
        }

        internal void Confirm()
        {
            lock (_orders)
            {
                _written++;
                Monitor.PulseAll(_orders);
            }
        }

        internal void Send(object? value, bool isEnd)
        {
            lock (_orders)
            {
                int before = _written;
                _orders.Enqueue((value, isEnd));
                Monitor.PulseAll(_orders);
                while (!isEnd && _written == before)
                {
                    Assert.True(Monitor.Wait(_orders, Limits.Hang), "The task does not write.");
                }
            }
        }
    }

    private sealed class Recorder : ITaskRecordSink
    {
        private readonly List<(DispatchTask? Task, string Text)> _events = [];

        internal IEnumerable<string> Events => _events.Select(one => one.Text);

        internal IEnumerable<string> Of(Step step) => _events.Where(one => ReferenceEquals(one.Task, step.Task)).Select(one => one.Text);

        public void WriteOutput(DispatchTask task, object? value) => _events.Add((task, value?.ToString() ?? "<null>"));

        public void WriteError(DispatchTask task, object error) => _events.Add((task, "error:" + TaskRecords.ToErrorRecord(error, task).Exception.Message));

        public void WriteWarning(WarningRecord warning) => _events.Add((null, "warning:" + warning.Message));

        public void WriteVerbose(VerboseRecord verbose) => _events.Add((null, "verbose"));

        public void WriteDebug(DebugRecord debug) => _events.Add((null, "debug"));

        public void WriteInformation(InformationRecord information) => _events.Add((null, "information"));

        public void WriteProgress(DispatchTask task, ProgressRecord progress) => _events.Add((task, "progress"));

        public void End(DispatchTask task) => _events.Add((task, "end"));
    }
}
