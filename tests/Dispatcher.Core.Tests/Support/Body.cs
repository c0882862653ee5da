using System;

namespace Dispatching.Tests.Support;

internal sealed class Body(Action<TaskContext> action) : IDispatchable
{
    internal static DispatchTask Nothing(TaskOptions? options = null) => Task(_ => { }, options);

    internal static DispatchTask Task(Action<TaskContext> action, TaskOptions? options = null, object? input = null) =>
        new(new Body(action), options, input);

    public void Execute(TaskContext context) => action(context);
}
