using Xunit;

namespace Dispatching.PowerShell.Tests;

/// <summary>The tasks that a session has.</summary>
public sealed class SessionTasksTests
{
    [Fact]
    public void A_task_counts_from_when_it_is_sent_until_it_has_ended()
    {
        var tasks = new SessionTasks();
        var task = new DispatchTask(new Nothing());
        long id = Assert.IsType<long>(tasks.Add(task));
        Assert.Equal(1, tasks.Count);
        Assert.Same(task, tasks.BeginStart(id));
        Assert.Equal(1, tasks.Count); // A session that is drained now is not over.
        Assert.Null(tasks.BeginStart(id));
        tasks.LeaveBehind(id);
        tasks.EndStart();
        Assert.Equal(1, tasks.Count);
        Assert.Null(tasks.TakeEnded(id, out int left));
        Assert.Equal((0, 0), (left, tasks.Count));
    }

    private sealed class Nothing : IDispatchable
    {
        public void Execute(TaskContext context)
        {
            // It is not run.
        }
    }
}
