using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Diagnostics.Tracing;
using System.Linq;
using Dispatching.Tests.Support;
using Xunit;

namespace Dispatching.Tests.Observers;

[Collection(AloneCollection.Name)]
public sealed class EventSourceTests
{
    [Fact]
    public void The_event_source_tells_what_the_events_tell()
    {
        using var listener = new Listener("dzs1", EventLevel.Verbose);
        var clock = new FakeClock();
        using var dispatcher = new Dispatcher(new DispatcherOptions { Name = "dzs1", MinWorkers = 1, MaxWorkers = 1, Clock = clock });
        using var over = new Gate("the test to be over");
        using var started = new Gate("the task to start");
        dispatcher.Run();
        DispatchTask bad = Body.Task(_ => throw new InvalidOperationException("broken"), new TaskOptions { Name = "bad" });
        DispatchTask stuck = Body.Task(_ =>
        {
            started.Open();
            over.WaitThroughInterrupts();
        });
        dispatcher.Dispatch(bad);
        dispatcher.Dispatch(stuck);
        started.Wait();
        clock.AdvanceSeconds(10);
        clock.AdvanceSeconds(2);
        Bounded.Quit(dispatcher, drain: true);

        List<(int Id, string Text)> told = listener.TakeUntil(one => one.Text == "StatusChanged dispatcher=dzs1 oldStatus=Stopping newStatus=Stopped");

        Assert.Equal((3, "StatusChanged dispatcher=dzs1 oldStatus=Stopped newStatus=Running"), told[0]);
        Assert.Equal((4, "Scaled dispatcher=dzs1 oldCount=0 newCount=1"), told[1]);
        Assert.Equal((1, $"TaskStarted dispatcher=dzs1 taskId={bad.Id} taskName=bad attempt=1 worker=1"), told[2]);
        Assert.Equal((2, $"TaskFinished dispatcher=dzs1 taskId={bad.Id} taskName=bad state=Failed attempt=1 worker=1 waitSeconds=0 durationSeconds=0 error=broken"), told[3]);
        Assert.Equal((1, $"TaskStarted dispatcher=dzs1 taskId={stuck.Id} taskName={stuck.Name} attempt=1 worker=1"), told[4]);
        Assert.Equal(2, told[5].Id);
        Assert.StartsWith(
            $"TaskFinished dispatcher=dzs1 taskId={stuck.Id} taskName={stuck.Name} state=TimedOut attempt=1 worker=1 waitSeconds=0 durationSeconds=12 error=",
            told[5].Text,
            StringComparison.Ordinal);
        Assert.Equal((5, $"WorkerReplaced dispatcher=dzs1 oldWorker=1 newWorker=2 taskId={stuck.Id} taskName={stuck.Name}"), told[6]);
    }

    [Fact]
    public void A_listener_that_wants_less_gets_less()
    {
        using var listener = new Listener("dzs2", EventLevel.Warning);
        using var dispatcher = new Dispatcher(new DispatcherOptions { Name = "dzs2" });
        dispatcher.TaskFinished += (_, _) => throw new InvalidOperationException("bad handler");
        dispatcher.Run();
        dispatcher.Dispatch(Body.Nothing());

        List<(int Id, string Text)> told = listener.TakeUntil(_ => true);

        Assert.Equal((6, "HandlerFailed dispatcher=dzs2 eventName=TaskFinished error=bad handler"), Assert.Single(told));
    }

    [Fact]
    public void Its_manifest_is_sound()
    {
        using var listener = new Listener("dzs3", EventLevel.Verbose);
        using var dispatcher = new Dispatcher(new DispatcherOptions { Name = "dzs3" });
        EventSource source = Assert.Single(EventSource.GetSources(), one => one.Name == "Dispatching.Dispatcher");
        Assert.Null(source.ConstructionException);
        Assert.NotEmpty(EventSource.GenerateManifest(source.GetType(), assemblyPathToIncludeInManifest: null, EventManifestOptions.Strict)!);
    }

    /// <summary>Hears what one dispatcher of this process tells.</summary>
    private sealed class Listener : EventListener
    {
        private readonly string _dispatcher;
        private readonly EventLevel _level;
        private readonly BlockingCollection<(int Id, string Text)> _told = [];

        internal Listener(string dispatcher, EventLevel level)
        {
            _dispatcher = dispatcher;
            _level = level;
            foreach (EventSource source in EventSource.GetSources())
            {
                Enable(source);
            }
        }

        internal List<(int Id, string Text)> TakeUntil(Func<(int Id, string Text), bool> isLast)
        {
            var taken = new List<(int Id, string Text)>();
            do
            {
                Assert.True(_told.TryTake(out (int Id, string Text) one, Bounded.Limit), "Waited in vain for an event after: " + string.Join("\n", taken));
                taken.Add(one);
            }
            while (!isLast(taken[^1]));
            return taken;
        }

        protected override void OnEventSourceCreated(EventSource eventSource)
        {
            base.OnEventSourceCreated(eventSource);
            if (_dispatcher is not null)
            {
                Enable(eventSource);
            }
        }

        protected override void OnEventWritten(EventWrittenEventArgs eventData)
        {
            if (eventData.Payload is [string name, ..] && name == _dispatcher)
            {
                string payload = string.Join(' ', eventData.PayloadNames!.Zip(eventData.Payload, (key, value) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{key}={value}")));
                _told.Add((eventData.EventId, eventData.EventName + " " + payload));
            }
        }

        private void Enable(EventSource source)
        {
            if (source.Name == "Dispatching.Dispatcher")
            {
                EnableEvents(source, _level);
            }
        }
    }
}
