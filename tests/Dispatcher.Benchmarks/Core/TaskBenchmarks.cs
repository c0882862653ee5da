using BenchmarkDotNet.Attributes;

namespace Dispatching.Benchmarks;

/// <summary>What the steps of a core task take and allocate. Run with <c>--filter '*TaskBenchmarks*'</c>.</summary>
[MemoryDiagnoser]
public class TaskBenchmarks
{
    private const int Count = 10_000;

    private readonly Nothing _body = new();

    /// <summary>A task that no dispatcher has.</summary>
    [Benchmark]
    public DispatchTask Create() => new(_body);

    /// <summary>Made, sent, and taken out again by the end of its dispatcher, which never ran.</summary>
    [Benchmark(OperationsPerInvoke = Count)]
    public void SendAndStop()
    {
        using var dispatcher = new Dispatcher(Count, 0, 1);
        for (int i = 0; i < Count; i++)
        {
            dispatcher.Dispatch(new DispatchTask(_body));
        }
    }

    /// <summary>Made, sent, and run.</summary>
    [Benchmark(OperationsPerInvoke = Count)]
    public void Run()
    {
        using var dispatcher = new Dispatcher(Count, 2, 2);
        dispatcher.Run();
        for (int i = 0; i < Count; i++)
        {
            dispatcher.Dispatch(new DispatchTask(_body));
        }

        dispatcher.Quit(drain: true);
    }

    private sealed class Nothing : IDispatchable
    {
        public void Execute(TaskContext context)
        {
        }
    }
}
