using System;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using Pipeline = System.Management.Automation.PowerShell;

namespace Dispatching.PowerShell;

/// <summary>The pipelines of a worker's runspace, of which one runs at a time, where a stop finds it.</summary>
internal sealed class WorkerPipelines
{
    private readonly LocalValues _values;
    private volatile Pipeline? _running;

    internal WorkerPipelines(LocalValues values)
    {
        _values = values;
        UsingValues = new UsingValues(values.Get);
    }

    /// <summary>What <c>$using:</c> means in whatever runs now.</summary>
    internal UsingValues UsingValues { get; }

    /// <summary>The pipeline that runs now; <see langword="null"/> if none does. For any thread.</summary>
    internal Pipeline? Running => _running;

    /// <summary>Makes a pipeline of a script text, in the runspace's own scope. It answers <c>$using:</c> with <see cref="UsingValues"/>.</summary>
    internal Pipeline Create(string script)
    {
        Pipeline pipeline = Pipeline.Create();
        pipeline.AddScript(script, useLocalScope: false).AddParameter("--%", UsingValues);
        return pipeline;
    }

    /// <summary>Runs a script of the caller in the runspace's own scope: what it defines is there for the tasks.</summary>
    internal void Invoke(PreparedScript script, Runspace runspace)
    {
        UsingValues.Current = script.UsingValues;
        Pipeline pipeline = Create(". $args[0]");
        pipeline.AddArgument(_values.Get(script.Block));
        Invoke(pipeline, runspace);
    }

    /// <summary>Runs a pipeline on this thread, and disposes of it.</summary>
    internal void Invoke(Pipeline pipeline, Runspace runspace)
    {
        pipeline.Runspace = runspace;
        _running = pipeline;
        try
        {
            pipeline.Invoke();
        }
        finally
        {
            _running = null;
            UsingValues.Current = null;
        }

        // A stopped pipeline is left to the garbage collector: the engine's own thread that stops it may still need it.
        if (pipeline.InvocationStateInfo.State == PSInvocationState.Completed)
        {
            pipeline.Dispose();
        }
    }

    /// <summary>Stops a pipeline, and waits until it has ended. For another thread than the one that runs it.</summary>
    internal static void Stop(Pipeline pipeline)
    {
        try
        {
            pipeline.Stop();
        }
        catch (Exception)
        {
            // It ended, and was disposed of, first. An exception that leaves a thread would end the process.
        }
    }
}
