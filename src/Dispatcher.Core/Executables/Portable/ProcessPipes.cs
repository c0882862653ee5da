using System;
using System.Diagnostics;

namespace Dispatching;

/// <summary>The two threads of a worker that read what its executables write.</summary>
internal sealed class ProcessPipes : IDisposable
{
    private readonly StreamPump _output = new("Dispatcher stdout");
    private readonly StreamPump _error = new("Dispatcher stderr");

    /// <summary>Why one of the two streams could not be taken.</summary>
    internal Exception? Failure => _output.Failure ?? _error.Failure;

    internal void Start(Process process, IOutputSink? output, IOutputSink? error, Action onFailed)
    {
        _output.Start(process.StandardOutput.BaseStream, output, onFailed);
        _error.Start(process.StandardError.BaseStream, error, onFailed);
    }

    internal bool WaitForEnd(TimeSpan timeout) => _output.WaitForEnd(timeout) && _error.WaitForEnd(timeout);

    /// <inheritdoc/>
    public void Dispose()
    {
        _output.Dispose();
        _error.Dispose();
    }
}
