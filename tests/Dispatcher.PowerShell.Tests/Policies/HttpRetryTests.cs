using System;
using System.Collections.Concurrent;
using System.Globalization;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using Xunit;

namespace Dispatching.PowerShell.Tests;

/// <summary>Web requests that a server refuses, as PowerShell's own cmdlets and .NET report them.</summary>
public sealed class HttpRetryTests : IDisposable
{
    private readonly Session _session = new();
    private readonly Service _service = new();

    public HttpRetryTests() => _session["uri"] = "http://127.0.0.1:" + _service.Port.ToString(CultureInfo.InvariantCulture);

    public void Dispose()
    {
        _session.Dispose();
        _service.Dispose();
    }

    [Theory]
    [InlineData("Invoke-RestMethod $using:uri")]
    [InlineData("(Invoke-WebRequest $using:uri).Content")]
    [InlineData("[Net.Http.HttpClient]::new().GetStringAsync($using:uri).GetAwaiter().GetResult()")]
    public void A_status_that_is_named_is_tried_again(string request)
    {
        _service.Refuse("429 Too Many Requests", "503 Service Unavailable");
        Assert.Equal(["fine"], _session.Text("1 | Invoke-DispatchTask { " + request + " } -FailOnError -Retry 5 -RetryDelay 0 -RetryOn 429, 503"));
        Assert.Equal(3, _service.RequestCount);
    }

    [Theory]
    [InlineData("Invoke-RestMethod $using:uri")]
    [InlineData("Invoke-WebRequest $using:uri")]
    public void Another_status_is_not(string request)
    {
        _service.Refuse("404 Not Found", "503 Service Unavailable");
        Invocation run = _session.Invoke("1 | Invoke-DispatchTask { " + request + " } -FailOnError -Retry 5 -RetryDelay 0 -RetryOn 429, 503");
        Assert.Contains("404", run.Error.Exception.Message, StringComparison.Ordinal);
        Assert.Equal(1, _service.RequestCount);
    }

    [Fact]
    public void A_name_of_its_exception_counts_too()
    {
        _service.Refuse("500 Internal Server Error");
        Assert.Equal(["fine"], _session.Text("1 | Invoke-DispatchTask { Invoke-RestMethod $using:uri } -FailOnError -Retry 1 -RetryDelay 0 -RetryOn HttpResponseException"));
    }

    [Theory]
    [InlineData("Retry-After: 7", 7.0)]
    [InlineData("Retry-After: 0", 0.0)]
    [InlineData("Retry-After: Thu, 01 Jan 2026 00:02:00 GMT", 120.0)]
    [InlineData("Retry-After: Wed, 31 Dec 2025 00:00:00 GMT", 0.0)]
    [InlineData("Retry-After: soon", null)]
    [InlineData("X-Other: 1", null)]
    public void What_the_server_asks_to_wait_is_read(string header, double? seconds)
    {
        var now = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        _service.Refuse("503 Service Unavailable\r\n" + header);
        Exception error = _session.Invoke("Invoke-RestMethod $uri").Error.Exception;
        Assert.Equal(503, HttpErrors.GetStatus(error));
        Assert.Equal(seconds, HttpErrors.GetRetryAfter(error, now)?.TotalSeconds);
    }

    [Fact]
    public void A_wait_that_the_server_asks_for_is_the_least()
    {
        _service.Refuse("429 Too Many Requests\r\nRetry-After: 3600");
        _session.Run("New-Dispatcher d | Start-Dispatcher; $t = Send-DispatchTask { Invoke-RestMethod $using:uri } -FailOnError -Retry 1 -RetryDelay 0");
        var task = Assert.IsAssignableFrom<DispatchTask>(Assert.Single(_session.Run("$t")));
        Assert.True(SpinWait.SpinUntil(() => task.PendingReason == "Retry", Limits.Hang), "It is " + task.State + " " + task.PendingReason);
        Assert.Equal(1, _service.RequestCount);
    }

    /// <summary>Answers one request after the other: with a refusal as long as there are some, and with "fine" after that.</summary>
    private sealed class Service : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly ConcurrentQueue<string> _refusals = new();
        private int _requestCount;

        internal Service()
        {
            _listener.Start();
            new Thread(Answer) { IsBackground = true }.Start();
        }

        internal int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        internal int RequestCount => Volatile.Read(ref _requestCount);

        public void Dispose() => _listener.Dispose();

        internal void Refuse(params string[] statuses) => Array.ForEach(statuses, _refusals.Enqueue);

        private void Answer()
        {
            try
            {
                while (true)
                {
                    using TcpClient client = _listener.AcceptTcpClient();
                    using var reader = new StreamReader(client.GetStream());
                    while (reader.ReadLine() is { Length: > 0 })
                    {
                    }

                    Interlocked.Increment(ref _requestCount);
                    string status = _refusals.TryDequeue(out string? refusal) ? refusal : "200 OK";
                    using var writer = new StreamWriter(client.GetStream());
                    writer.Write("HTTP/1.1 " + status + "\r\nContent-Type: text/plain\r\nContent-Length: 4\r\nConnection: close\r\n\r\nfine");
                }
            }
            catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException or InvalidOperationException)
            {
                // The test has ended.
            }
        }
    }
}
