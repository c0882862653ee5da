using System;
using System.Management.Automation;
using System.Threading;

namespace Dispatching.PowerShell;

/// <summary>The base of all cmdlets of the module. It ends their blocking calls when the pipeline is stopped.</summary>
public abstract class DispatcherCmdlet : PSCmdlet, IDisposable
{
    private readonly CancellationTokenSource _stop = new();

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases what the cmdlet holds.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stop.Dispose();
        }
    }

    /// <inheritdoc/>
    protected override void StopProcessing()
    {
        try
        {
            _stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The cmdlet has ended meanwhile.
        }
    }

    /// <summary>The same for a call that returns nothing.</summary>
    internal void Block(Action<CancellationToken> call) => Block(token =>
    {
        call(token);
        return true;
    });

    /// <summary>Makes a blocking call with a token that is cancelled when the pipeline is stopped. Cancelled, it ends the cmdlet.</summary>
    internal T Block<T>(Func<CancellationToken, T> call)
    {
        try
        {
            return call(_stop.Token);
        }
        catch (OperationCanceledException) when (Stopping)
        {
            throw new PipelineStoppedException();
        }
    }
}
