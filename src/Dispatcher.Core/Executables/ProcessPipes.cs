using System;
using System.Diagnostics;

namespace Dispatching;

/// <summary>The two threads of a worker that read what its executables write.</summary>
internal sealed class ProcessPipes : IDisposable
{
    private readonly LineReader _output = new("Dispatcher stdout");
    private readonly LineReader _error = new("Dispatcher stderr");

    internal void Start(Process process, Action<string> onOutput, Action<string> onError)
    {
        _output.Start(process.StandardOutput, onOutput);
        _error.Start(process.StandardError, onError);
    }

    internal bool WaitForEnd(TimeSpan timeout) => _output.WaitForEnd(timeout) && _error.WaitForEnd(timeout);

    /// <inheritdoc/>
    public void Dispose()
    {
        _output.Dispose();
        _error.Dispose();
    }
}
