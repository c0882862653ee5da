using System;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;

namespace Dispatching.PowerShell.Tests;

/// <summary>
/// A port of this machine whose connections are forwarded to a server until they are cut. As on a dead link, they then stay
/// open, and neither data nor a close passes; new ones are accepted, and nobody answers.
/// </summary>
public sealed class CutProxy : IDisposable
{
    private readonly IPEndPoint _target;
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _end = new();
    private volatile TaskCompletionSource _passage = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _connections;

    /// <summary>Starts one that forwards.</summary>
    /// <param name="hostName">The server's address.</param>
    /// <param name="port">The server's port.</param>
    /// <param name="address">The address to listen at.</param>
    public CutProxy(string hostName, int port, string address = "127.0.0.1")
    {
        _target = new IPEndPoint(IPAddress.Parse(hostName), port);
        _listener = new TcpListener(IPAddress.Parse(address), 0);
        _listener.Start();
        HostName = address;
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        Restore();
        _ = AcceptAsync();
    }

    /// <summary>The address to connect to.</summary>
    public string HostName { get; }

    /// <summary>The port to connect to.</summary>
    public int Port { get; }

    /// <summary>How many connections it has accepted so far.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Whether it is cut.</summary>
    public bool IsCut => !_passage.Task.IsCompleted;

    /// <summary>Forwards nothing any more. What is sent from now on waits.</summary>
    public void Cut()
    {
        if (!IsCut)
        {
            _passage = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>Forwards again, first of all what has waited.</summary>
    public void Restore() => _passage.TrySetResult();

    /// <summary>Closes all connections.</summary>
    public void Dispose()
    {
        _end.Cancel();
        _listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket near = await _listener.AcceptSocketAsync(_end.Token);
                Interlocked.Increment(ref _connections);
                _ = ConnectAsync(near);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private async Task ConnectAsync(Socket near)
    {
        using var far = new Socket(_target.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        using (near)
        {
            try
            {
                await _passage.Task.WaitAsync(_end.Token);
                await far.ConnectAsync(_target, _end.Token);
                near.NoDelay = far.NoDelay = true;
                await Task.WhenAll(ForwardAsync(near, far), ForwardAsync(far, near));
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // One side has gone, or this proxy is disposed: both sides are closed.
            }
        }
    }

    private async Task ForwardAsync(Socket from, Socket to)
    {
        try
        {
            var buffer = new byte[64 * 1024];
            int count;
            do
            {
                count = await from.ReceiveAsync(buffer, _end.Token);
                await _passage.Task.WaitAsync(_end.Token);
                for (int sent = 0; sent < count;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), _end.Token);
                }
            }
            while (count > 0);

            to.Shutdown(SocketShutdown.Send);
        }
        catch
        {
            // The other direction waits at the same sockets: it must not outlive this one.
            from.Dispose();
            to.Dispose();
            throw;
        }
    }
}
