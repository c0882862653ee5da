using System.Collections.Generic;
using System.Linq;
using CsCheck;
using Dispatching.Tests.Support;
using Xunit;

namespace Dispatching.Tests.Tasks;

public sealed class TaskListTests
{
    private static readonly Gen<(int Step, int Value)> s_step = Gen.Select(Gen.Int[0, 9], Gen.Int[0, 1_000_000]);

    [Fact]
    public void Whatever_comes_back_where_the_first_and_the_last_are_those_by_time() => s_step.Array[50, 400].Sample(
        steps =>
        {
            var list = new TaskList();
            var model = new SortedSet<DispatchTask>(Comparer<DispatchTask>.Create(TaskList.Compare));
            var away = new List<DispatchTask>();
            for (int i = 0; i < 200; i++)
            {
                Do(list, model, away, step: 0, value: 0);
            }

            foreach ((int step, int value) in steps)
            {
                Do(list, model, away, step, value);
                Assert.Equal(model.Count, list.Count);
                Assert.Same(model.Min, list.First);
                Assert.Same(model.Max, list.Last);
            }

            var all = new List<DispatchTask>();
            list.CopyTo(all);
            Assert.Equal(model, all.Order(Comparer<DispatchTask>.Create(TaskList.Compare)));
            while (model.Count > 0)
            {
                DispatchTask next = list.TakeFirst()!;
                Assert.Same(model.Min, next);
                Assert.True(next.PendingSet is null && next.Next is null && next.Previous is null);
                model.Remove(next);
            }

            Assert.Null(list.TakeFirst());
            Assert.Equal(0, list.Count);
        },
        iter: 300);

    /// <summary>Adds a new task, takes one out of the middle, or puts one back to its place.</summary>
    private static void Do(TaskList list, SortedSet<DispatchTask> model, List<DispatchTask> away, int step, int value)
    {
        if (step < 4 || model.Count == 0)
        {
            DispatchTask task = Body.Nothing();
            task.QueuedTimestamp = model.Count + away.Count + 1 + (model.Max?.QueuedTimestamp ?? 0);
            list.Add(task);
            model.Add(task);
        }
        else if (step < 7)
        {
            DispatchTask task = model.ElementAt(value % model.Count);
            list.Remove(task);
            model.Remove(task);
            away.Add(task);
        }
        else if (away.Count > 0)
        {
            DispatchTask task = away[value % away.Count];
            away.Remove(task);
            list.Insert(task);
            model.Add(task);
        }
    }
}
