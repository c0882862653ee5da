using System;
using Dispatching.Tests.Support;
using Xunit;

namespace Dispatching.Tests.Scheduling;

public sealed class TaskStackTests
{
    [Fact]
    public void The_last_in_is_the_first_out()
    {
        var stack = new TaskStack();
        DispatchTask[] tasks = [Body.Nothing(), Body.Nothing(), Body.Nothing()];

        Array.ForEach(tasks, stack.Push);

        Assert.Equal(3, stack.Size);
        Assert.Same(tasks[2], stack.Peek());
        Assert.Equal(3, stack.Size);
        Assert.Same(tasks[2], stack.Pop());
        Assert.Same(tasks[1], stack.Pop());
        stack.Push(tasks[2]);
        Assert.Same(tasks[2], stack.Pop());
        Assert.Same(tasks[0], stack.Pop());
        Assert.Equal(0, stack.Size);
    }

    [Fact]
    public void An_empty_stack_gives_nothing()
    {
        var stack = new TaskStack();

        Assert.Null(stack.Pop());
        Assert.Null(stack.Peek());
        Assert.Equal(0, stack.Size);
    }

    [Fact]
    public void A_task_is_in_one_stack_at_a_time()
    {
        var stack = new TaskStack();
        DispatchTask task = Body.Nothing();
        stack.Push(task);

        Assert.Throws<InvalidOperationException>(() => new TaskStack().Push(task));
        Assert.Throws<InvalidOperationException>(() => stack.Push(task));
        Assert.Throws<ArgumentNullException>(() => stack.Push(null!));
        Assert.Equal(1, stack.Size);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_task_in_somebodys_stack_is_not_accepted_and_not_counted(bool isRunning)
    {
        using var dispatcher = new Dispatcher(10, 1, 1);
        if (isRunning)
        {
            dispatcher.Run();
            Bounded.Until(() => dispatcher.IdleWorkerCount == 1, "an idle worker");
        }

        var stack = new TaskStack();
        DispatchTask task = Body.Nothing();
        stack.Push(task);

        Assert.Throws<InvalidOperationException>(() => dispatcher.Dispatch(task));

        Assert.Equal(TaskState.Created, task.State);
        Assert.Equal(0, dispatcher.Statistics.Sent);
        Assert.Same(task, stack.Pop());
        dispatcher.Dispatch(task);
        dispatcher.Run();
        Bounded.Quit(dispatcher, drain: true);
        Assert.Equal(TaskState.Completed, task.State);
    }

    [Fact]
    public void A_task_that_was_sent_goes_into_no_stack()
    {
        using var dispatcher = new Dispatcher(10, 1, 1);
        var stack = new TaskStack();
        Exception? error = null;
        int attempts = 0;
        DispatchTask task = Body.Task(
            context =>
            {
                error = Record.Exception(() => stack.Push(context.Task));
                if (++attempts == 1)
                {
                    throw new InvalidOperationException("again");
                }
            },
            new TaskOptions { Retries = 1 });
        dispatcher.Dispatch(task);

        dispatcher.Run();

        Assert.Equal(TaskState.Completed, Bounded.End(task));
        Assert.IsType<InvalidOperationException>(error);
        Assert.Equal(0, stack.Size);
    }
}
