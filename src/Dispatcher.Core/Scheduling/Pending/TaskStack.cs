namespace Dispatching;

/// <summary>
/// A last-in, first-out stack without bound, as the contract of the Go package has it. Dispatchers do not use it. A task is in one stack or queue at a time.
/// Not safe to use from several threads at once.
/// </summary>
public sealed class TaskStack
{
    /// <summary>How many tasks it holds.</summary>
    public int Size => Tasks.Count;

    internal TaskList Tasks { get; } = new();

    /// <summary>Puts a task on top.</summary>
    /// <exception cref="System.InvalidOperationException">The task is in a stack already, or was sent to a dispatcher.</exception>
    public void Push(DispatchTask task)
    {
        if (Require.NotNull(task, nameof(task)).Owner is not null)
        {
            throw new System.InvalidOperationException("Task " + task.Name + " was sent to a dispatcher, which keeps it in its own queue.");
        }

        Tasks.Add(task);
    }

    /// <summary>Takes the newest task off; <see langword="null"/> when there is none.</summary>
    public DispatchTask? Pop() => Tasks.TakeLast();

    /// <summary>Returns the newest task and leaves it; <see langword="null"/> when there is none.</summary>
    public DispatchTask? Peek() => Tasks.Last;
}
