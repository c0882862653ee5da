using System;
using System.Threading;

namespace Dispatching.PowerShell.Tests;

/// <summary>For test classes that share a server: it starts when it is first asked for, with the pinned PowerShell.</summary>
public sealed class SshFixture : IDisposable
{
    private readonly Lazy<SshServer> _server = new(() => Start("127.0.0.1", "127.0.0.2", "127.0.0.3"), LazyThreadSafetyMode.ExecutionAndPublication);

    /// <summary>The server: at 127.0.0.1, 127.0.0.2 and 127.0.0.3.</summary>
    public SshServer Server => _server.Value;

    /// <summary>Starts another server with the pinned PowerShell.</summary>
    public static SshServer Start(params string[] addresses) => new(PowerShellHost.Program, addresses);

    /// <summary>Starts one on the far side of a link, which is to be disposed after it.</summary>
    public static SshServer Start(LinkNamespace link)
    {
        ArgumentNullException.ThrowIfNull(link);
        return new(PowerShellHost.Program, [link.HostName], link.Launcher);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_server.IsValueCreated)
        {
            _server.Value.Dispose();
        }
    }
}
