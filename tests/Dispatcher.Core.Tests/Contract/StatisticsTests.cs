using System;
using System.Threading;
using Dispatching.Tests.Support;
using Xunit;

namespace Dispatching.Tests.Contract;

public sealed class StatisticsTests
{
    [Fact]
    public void Each_task_is_counted_in_the_state_it_is_in()
    {
        var clock = new FakeClock();
        using var dispatcher = new Dispatcher(new DispatcherOptions
        {
            MinWorkers = 1,
            MaxWorkers = 1,
            QueueSize = 3,
            QueueFullMode = QueueFullMode.Reject,
            Clock = clock,
        });
        dispatcher.Run();
        using Blocker first = Blocker.On(dispatcher);
        DispatchTask failing = Body.Task(_ => throw new InvalidOperationException("no"));
        DispatchTask stopped = Body.Nothing();
        dispatcher.Dispatch(failing);
        dispatcher.Dispatch(stopped);
        dispatcher.Dispatch(Body.Nothing());
        dispatcher.Dispatch(Body.Nothing());
        Check(dispatcher.Statistics, sent: 4, pending: 3, running: 1, rejected: 1);

        stopped.Stop();
        Check(dispatcher.Statistics, sent: 4, pending: 2, running: 1, stopped: 1, rejected: 1);
        clock.AdvanceSeconds(12);
        Bounded.Quit(dispatcher, drain: true);

        Check(dispatcher.Statistics, sent: 4, completed: 1, failed: 1, timedOut: 1, stopped: 1, rejected: 1);
    }

    [Fact]
    public void Sent_is_the_sum_of_the_others_at_every_instant()
    {
        using var dispatcher = new Dispatcher(new DispatcherOptions
        {
            MinWorkers = 0,
            MaxWorkers = 4,
            QueueSize = 20,
            TaskTimeout = TimeSpan.FromMilliseconds(20),
            StopGrace = TimeSpan.FromMilliseconds(5),
        });
        dispatcher.Run();
        int senders = 3;
        long samples = 0;
        Bounded.OnThreads(4, index =>
        {
            if (index == 3)
            {
                long last = 0;
                while (Volatile.Read(ref senders) > 0)
                {
                    DispatcherStatistics s = dispatcher.Statistics;
                    Assert.Equal(s.Sent, s.Pending + s.Running + s.Completed + s.Failed + s.TimedOut + s.Stopped);
                    Assert.All([s.Pending, s.Running, s.Completed, s.Failed, s.TimedOut, s.Stopped], count => Assert.True(count >= 0));
                    Assert.True(s.Sent >= last);
                    last = s.Sent;
                    samples++;
                }

                return;
            }

            var random = new Random(index);
            for (int i = 0; i < 3000; i++)
            {
                int kind = random.Next(100);
                DispatchTask task = Body.Task(
                    context =>
                    {
                        switch (kind)
                        {
                            case < 20:
                                throw new InvalidOperationException("no");
                            case 20:
                                Thread.Sleep(Timeout.Infinite);
                                break;
                            case 21:
                                context.CancellationToken.WaitHandle.WaitOne();
                                break;
                            default:
                                break;
                        }
                    },
                    new TaskOptions { Retries = kind % 3 });
                dispatcher.Send(task);
                if (kind > 90)
                {
                    task.Stop();
                }
            }

            Interlocked.Decrement(ref senders);
        });

        Bounded.Quit(dispatcher, drain: true);
        DispatcherStatistics end = dispatcher.Statistics;
        Assert.True(samples > 100);
        Assert.Equal(9000, end.Sent);
        Assert.Equal(9000, end.Completed + end.Failed + end.TimedOut + end.Stopped);
        Assert.True(end.TimedOut > 0);
    }

    private static void Check(
        DispatcherStatistics statistics,
        long sent,
        long pending = 0,
        long running = 0,
        long completed = 0,
        long failed = 0,
        long timedOut = 0,
        long stopped = 0,
        long rejected = 0)
    {
        Assert.Equal(
            [sent, pending, running, completed, failed, timedOut, stopped, rejected],
            [statistics.Sent, statistics.Pending, statistics.Running, statistics.Completed, statistics.Failed, statistics.TimedOut, statistics.Stopped, statistics.Rejected]);
    }
}
