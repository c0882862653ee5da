using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using System.Threading;
using System.Threading.Tasks;
using Dispatching.Tests.Support;
using Xunit;

namespace Dispatching.Tests.Scheduling;

/// <summary>Code that does not end by itself, with real time and short limits.</summary>
public sealed class StopEscalationTests : IDisposable
{
    // A regular expression cannot be ended from outside. It ends itself when the test is over.
    private static readonly Regex s_backtracking = new("^(a+)+$", RegexOptions.None, TimeSpan.FromSeconds(4));

    // On a busy machine a task that does nothing may take longer than the limit of those that are stuck.
    private static readonly TaskOptions s_unlimited = new() { Timeout = Timeout.InfiniteTimeSpan };

    private readonly Gate _over = new("the test to be over");
    private readonly List<IDisposable> _sockets = [];

    private readonly Dispatcher _dispatcher = new(new DispatcherOptions
    {
        MinWorkers = 1,
        MaxWorkers = 2,
        TaskTimeout = TimeSpan.FromSeconds(0.2),
        StopGrace = TimeSpan.FromSeconds(0.2),
    });

    public void Dispose()
    {
        _over.Open();
        _sockets.ForEach(socket => socket.Dispose());
        _dispatcher.Dispose();
    }

    [Theory]
    [InlineData("sleep")]
    [InlineData("task wait")]
    [InlineData("monitor enter")]
    [InlineData("wait handle")]
    [InlineData("join")]
    [InlineData("socket read")]
    [InlineData("regex")]
    [InlineData("busy loop")]
    [InlineData("catches everything")]
    [InlineData("finally that blocks")]
    public void Stuck_code_times_out_and_the_pool_keeps_its_strength(string kind)
    {
        _dispatcher.Run();
        DispatchTask stuck = Body.Task(_ => GetStuck(kind));
        DispatchTask alsoStuck = Body.Task(_ => GetStuck(kind is "regex" or "busy loop" ? "sleep" : kind));
        _dispatcher.Send(stuck);
        _dispatcher.Send(alsoStuck);
        DispatchTask[] waiting = [.. Enumerable.Range(0, 10).Select(_ => Body.Nothing(s_unlimited))];
        Array.ForEach(waiting, task => _dispatcher.Send(task));

        Assert.Equal(TaskState.TimedOut, Bounded.End(stuck));
        Assert.Equal(TaskState.TimedOut, Bounded.End(alsoStuck));

        Assert.IsType<TaskTimeoutException>(stuck.Exception);
        Assert.False(_over.IsOpen);
        Bounded.End(waiting);
        Assert.All(waiting, task => Assert.Equal(TaskState.Completed, task.State));
        Blocker.CheckStrength(_dispatcher, 2);
        Assert.Equal(2, _dispatcher.WorkerCount);
        Bounded.Quit(_dispatcher, drain: true);
    }

    [Fact]
    public void A_stuck_task_is_stopped_on_request_all_the_same()
    {
        _dispatcher.TaskTimeout = Timeout.InfiniteTimeSpan;
        _dispatcher.Run();
        using var started = new Gate("the task to start");
        DispatchTask stuck = Body.Task(_ =>
        {
            started.Open();
            GetStuck("catches everything");
        });
        _dispatcher.Send(stuck);
        started.Wait();

        Assert.True(stuck.Stop());

        Assert.Equal(TaskState.Stopped, Bounded.End(stuck));
        Blocker.CheckStrength(_dispatcher, 2);
        Bounded.Quit(_dispatcher, drain: true);
    }

    [Fact]
    public void An_interrupt_frees_what_blocks()
    {
        _dispatcher.Run();
        using var freed = new Gate("the interrupt");
        DispatchTask stuck = Body.Task(_ =>
        {
            try
            {
                GetStuck("sleep");
            }
            catch (ThreadInterruptedException)
            {
                freed.Open();
                throw;
            }
        });

        _dispatcher.Send(stuck);

        freed.Wait();
        Assert.Equal(TaskState.TimedOut, Bounded.End(stuck));
    }

    [Fact]
    public void Hundreds_of_stuck_tasks_among_others_cost_no_worker()
    {
        _dispatcher.SetWorkers(2, 8);
        _dispatcher.TaskTimeout = TimeSpan.FromMilliseconds(20);
        _dispatcher.StopGrace = TimeSpan.FromMilliseconds(5);
        _dispatcher.Run();
        DispatchTask[] stuck = [.. Enumerable.Range(0, 200).Select(_ => Body.Task(_ => GetStuck("sleep")))];
        DispatchTask[] good = [.. Enumerable.Range(0, 2000).Select(_ => Body.Task(_ => Thread.SpinWait(10), new TaskOptions { Timeout = Timeout.InfiniteTimeSpan }))];
        for (int i = 0; i < good.Length; i++)
        {
            _dispatcher.Send(good[i]);
            if (i % 10 == 0)
            {
                _dispatcher.Send(stuck[i / 10]);
            }
        }

        Bounded.Quit(_dispatcher, drain: true);

        Assert.All(stuck, task => Assert.Equal(TaskState.TimedOut, task.State));
        Assert.All(good, task => Assert.Equal(TaskState.Completed, task.State));
        _dispatcher.Run();
        Blocker.CheckStrength(_dispatcher, 8);
        Assert.Equal(8, _dispatcher.WorkerCount);
        Bounded.Quit(_dispatcher, drain: true);
    }

    private void GetStuck(string kind)
    {
        switch (kind)
        {
            case "sleep":
                Thread.Sleep(Timeout.Infinite);
                break;
            case "task wait":
                new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously).Task.Wait();
                break;
            case "monitor enter":
                EnterTakenMonitor();
                break;
            case "wait handle":
                using (var never = new EventWaitHandle(initialState: false, EventResetMode.ManualReset))
                {
                    never.WaitOne();
                }

                break;
            case "join":
                Thread.CurrentThread.Join();
                break;
            case "socket read":
                ReadFromSilentSocket();
                break;
            case "regex":
                s_backtracking.IsMatch(new string('a', 60) + "!");
                break;
            case "busy loop":
                while (!_over.IsOpen)
                {
                    Thread.SpinWait(100);
                }

                break;
            case "catches everything":
                _over.WaitThroughInterrupts();
                break;
            case "finally that blocks":
                try
                {
                    Thread.Sleep(Timeout.Infinite);
                }
                finally
                {
                    _over.WaitThroughInterrupts();
                }

                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(kind), kind, message: null);
        }
    }

    private void EnterTakenMonitor()
    {
        object taken = new();
        using var isTaken = new Gate("the lock to be taken");
        new Thread(() =>
        {
            lock (taken)
            {
                isTaken.Open();
                _over.Wait();
            }
        }) { IsBackground = true }.Start();
        isTaken.Wait();
        lock (taken)
        {
        }
    }

    private void ReadFromSilentSocket()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var client = new TcpClient();
        client.Connect((IPEndPoint)listener.LocalEndpoint);
        TcpClient server = listener.AcceptTcpClient();
        lock (_sockets)
        {
            _sockets.AddRange([client, server, listener]);
        }

        client.Client.Receive(new byte[1]);
    }

    [Fact]
    public void A_task_that_ends_just_as_it_is_given_up_does_not_hold_up_the_stop()
    {
        for (int round = 0; round < 300; round++)
        {
            var clock = new FakeClock();
            using var dispatcher = new Dispatcher(new DispatcherOptions { MinWorkers = 1, MaxWorkers = 1, Clock = clock });
            using var started = new Gate("the task to start");
            using var goOn = new ManualResetEventSlim();
            dispatcher.Run();
            DispatchTask task = Body.Task(_ =>
            {
                started.Open();
                goOn.Wait();
            });
            dispatcher.Dispatch(task);
            started.Wait();
            clock.AdvanceSeconds(10);
            Bounded.OnThreads(2, index =>
            {
                if (index == 0)
                {
                    goOn.Set();
                }
                else
                {
                    clock.AdvanceSeconds(2);
                }
            });
            Assert.Equal(TaskState.TimedOut, Bounded.End(task));
            Assert.True(dispatcher.Quit(drain: false, Bounded.Limit), "The dispatcher did not stop in round " + round + ".");
        }
    }
}
