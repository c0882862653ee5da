using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Dispatching.Tests.Support;
using Xunit;

namespace Dispatching.Tests.Threading;

public sealed class BackgroundQueueTests
{
    private readonly FakeClock _clock = new();

    [Fact]
    public void It_delivers_in_order_on_a_thread_of_its_own()
    {
        var delivered = new ConcurrentQueue<int>();
        Thread? thread = null;
        bool isBackground = false;
        var queue = new BackgroundQueue<int>(_clock, "a queue", batchSize: 10, batch =>
        {
            thread = Thread.CurrentThread;
            isBackground = thread.IsBackground;
            batch.ForEach(delivered.Enqueue);
        });
        Post(queue, Enumerable.Range(0, 1000));
        Assert.True(queue.Flush(Bounded.Limit));
        Assert.Equal(Enumerable.Range(0, 1000), delivered);
        Assert.NotSame(Thread.CurrentThread, thread);
        Assert.True(isBackground);
    }

    [Fact]
    public void A_delivery_has_no_more_than_a_batch()
    {
        using var gate = new Gate("the first delivery to go on");
        var sizes = new ConcurrentQueue<int>();
        var queue = new BackgroundQueue<int>(_clock, "a queue", batchSize: 3, batch =>
        {
            sizes.Enqueue(batch.Count);
            gate.Wait();
        });
        Post(queue, [0]);
        Bounded.Until(() => sizes.Count == 1, "the first delivery");
        Post(queue, Enumerable.Range(0, 7));
        gate.Open();
        Assert.True(queue.Flush(Bounded.Limit));
        Assert.Equal([1, 3, 3, 1], sizes);
    }

    [Fact]
    public void A_delivery_that_throws_does_not_keep_the_next()
    {
        var delivered = new ConcurrentQueue<int>();
        var queue = new BackgroundQueue<int>(_clock, "a queue", batchSize: 1, batch =>
        {
            delivered.Enqueue(batch[0]);
            throw new InvalidOperationException("no");
        });
        Post(queue, [1, 2, 3]);
        Assert.True(queue.Flush(Bounded.Limit));
        Assert.Equal([1, 2, 3], delivered);
    }

    [Fact]
    public void Nothing_is_lost_behind_a_delivery_that_is_only_slow()
    {
        using var gate = new Gate("the delivery to go on");
        var queue = new BackgroundQueue<int>(_clock, "a queue", batchSize: 1, _ => gate.Wait());
        Assert.All(Enumerable.Range(0, BackgroundQueue<int>.MaxBacklog + 10), item => Assert.True(queue.Post(item)));
        queue.Start();
    }

    [Fact]
    public void Behind_one_that_hangs_a_backlog_waits_and_the_rest_is_refused()
    {
        using var gate = new Gate("the delivery to go on");
        using var started = new Gate("the delivery to start");
        var queue = new BackgroundQueue<int>(_clock, "a queue", batchSize: 1, _ =>
        {
            started.Open();
            gate.Wait();
        });
        Post(queue, [0]);
        started.Wait();
        Assert.All(Enumerable.Range(0, BackgroundQueue<int>.MaxBacklog), item => Assert.True(queue.Post(item)));
        _clock.Advance(BackgroundQueue<int>.HangTimeout);
        Assert.True(queue.Post(0)); // Exactly that long is not too long.
        _clock.AdvanceSeconds(1);
        Assert.False(queue.Post(0));
        Assert.False(queue.Flush(TimeSpan.Zero));
        gate.Open();
        Assert.True(queue.Flush(Bounded.Limit));
        Assert.True(queue.Post(0));
    }

    [Fact]
    public void A_flush_of_nothing_is_done()
    {
        var queue = new BackgroundQueue<int>(_clock, "a queue", batchSize: 1, _ => { });
        Assert.True(queue.Flush(TimeSpan.Zero));
    }

    [Fact]
    public void What_is_entered_at_the_start_of_the_thread_is_left_at_its_end()
    {
        var steps = new ConcurrentQueue<string>();
        var queue = new BackgroundQueue<int>(_clock, "a queue", batchSize: 1, _ => steps.Enqueue("deliver"), () => new Entered(steps));
        Post(queue, [1]);
        Assert.True(queue.Flush(Bounded.Limit));
        Bounded.Until(() => steps.Count == 3, "the end of the thread");
        Assert.Equal(["enter", "deliver", "leave"], steps);
    }

    private static void Post(BackgroundQueue<int> queue, IEnumerable<int> items)
    {
        Assert.All(items, item => Assert.True(queue.Post(item)));
        queue.Start();
    }

    private sealed class Entered : IDisposable
    {
        private readonly ConcurrentQueue<string> _steps;

        internal Entered(ConcurrentQueue<string> steps)
        {
            _steps = steps;
            steps.Enqueue("enter");
        }

        public void Dispose() => _steps.Enqueue("leave");
    }
}
