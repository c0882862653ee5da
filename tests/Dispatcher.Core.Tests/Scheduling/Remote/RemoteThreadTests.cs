using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Dispatching.Tests.Support;
using Xunit;

namespace Dispatching.Tests.Scheduling.Remote;

/// <summary>Sessions on threads of their own, which claim only when they are woken: no wake is lost, and each task ends.</summary>
public sealed class RemoteThreadTests
{
    private static readonly string?[] s_hosts = [null, null, null, "a", "b", "c"];
    private static readonly string[] s_sessions = ["a", "b", "c", "a"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Each_task_ends_whatever_threads_do(int seed)
    {
        using var dispatcher = new Dispatcher(new DispatcherOptions
        {
            HasNoWorkers = true,
            QueueSize = 50,
            TaskTimeout = Timeout.InfiniteTimeSpan,
            GroupLimit = new GroupLimit(2),
        });
        dispatcher.Run();
        using var ends = new CancellationTokenSource();
        var tasks = new List<DispatchTask>();
        Bounded.OnThreads(s_sessions.Length + 1, index =>
        {
            var random = new Random((seed * 100) + index);
            if (index < s_sessions.Length)
            {
                for (int number = 1; !ends.IsCancellationRequested; number++)
                {
                    using var session = new Session(dispatcher, s_sessions[index], number, random);
                    session.Run(ends.Token);
                }

                return;
            }

            try
            {
                for (int i = 0; i < 1500; i++)
                {
                    tasks.Add(Send(dispatcher, random));
                    Disturb(dispatcher, tasks[random.Next(tasks.Count)], random);
                }

                dispatcher.Resume();
                Bounded.End(tasks);
            }
            finally
            {
                ends.Cancel();
            }
        });
        Bounded.Quit(dispatcher, drain: true);
        DispatcherStatistics s = dispatcher.Statistics;
        Assert.Equal((tasks.Count, 0, 0), (s.Sent, s.Pending, s.Running));
        Assert.Equal(0, dispatcher.Scheduler.State.Pending.Rate.OpenCount);
        Assert.Empty(dispatcher.Scheduler.State.Pending.Groups.Groups);
    }

    private static DispatchTask Send(Dispatcher dispatcher, Random random)
    {
        DispatchTask task = Body.Nothing(new TaskOptions
        {
            HostName = s_hosts[random.Next(s_hosts.Length)],
            Group = random.Next(4) == 0 ? "g" : null,
            Priority = random.Next(5) == 0 ? 1 : 0,
            Retries = random.Next(2),
        });
        dispatcher.Send(task);
        return task;
    }

    private static void Disturb(Dispatcher dispatcher, DispatchTask task, Random random)
    {
        switch (random.Next(60))
        {
            case 0:
                dispatcher.Suspend();
                dispatcher.Resume();
                break;
            case 1 or 2 or 3:
                task.Stop();
                break;
            case 4 or 5:
                task.Priority = random.Next(3);
                break;
        }
    }

    private sealed class Session(Dispatcher dispatcher, string host, int number, Random random)
        : RemoteRunner(dispatcher.Scheduler, number, host, host, lanes: 2), IDisposable
    {
        private readonly RemoteHandout _remote = dispatcher.Scheduler.Remote;
        private readonly ManualResetEventSlim _wake = new(initialState: true);
        private readonly ConcurrentQueue<DispatchTask> _recalled = new();

        /// <summary>Runs tasks until the session is lost, or the test ends.</summary>
        internal void Run(CancellationToken ends)
        {
            using CancellationTokenRegistration registration = ends.Register(_wake.Set);
            var claimed = new List<DispatchTask>();
            bool isLost = false;
            while (!isLost && !ends.IsCancellationRequested)
            {
                _wake.Wait(CancellationToken.None);
                _wake.Reset();
                do
                {
                    claimed.Clear();
                    _remote.Claims.Claim(this, 4, claimed);
                    isLost = claimed.Count > 0 && !claimed.All(RunOne);
                }
                while (claimed.Count == 4 && !isLost);
            }

            _remote.Leave(this);
        }

        public void Dispose() => _wake.Dispose();

        internal override void Recall(DispatchTask task) => _recalled.Enqueue(task);

        internal override void Wake() => _wake.Set();

        internal override void RequestHostStop(TaskContext attempt)
        {
            // They end soon enough.
        }

        internal override void OnAbandoned(TaskContext attempt)
        {
            // None takes so long.
        }

        /// <returns><see langword="false"/> when the session is lost: what it has claimed and not started goes back with it.</returns>
        private bool RunOne(DispatchTask task)
        {
            while (_recalled.TryDequeue(out DispatchTask? recalled))
            {
                _remote.Return(this, recalled);
            }

            int draw = random.Next(40);
            if (draw == 0)
            {
                _remote.Return(this, task);
                return true;
            }

            if (_remote.Start(this, task) is not { } attempt)
            {
                return true; // Recalled, and returned.
            }

            attempt.Write(RecordKind.Output, 1);
            if (draw is 1 or 2)
            {
                _remote.Requeue(attempt, new TimeoutException("lost"));
                return draw != 1;
            }

            _remote.Complete(attempt, draw is 3 or 4 ? new InvalidOperationException("no") : null);
            return true;
        }
    }
}
