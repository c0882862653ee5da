<#
.SYNOPSIS
Calls a web service that is often busy, as fast as it allows, until every call is answered.

.DESCRIPTION
A small server on this machine stands for the service. It allows 50 requests a second and 5 at a time; what is above that,
and some more at random, it refuses with 429 or 503, some of it with Retry-After. The calls are tasks of
Invoke-DispatchTask: so many at a time, so many starts in a period, and those that are refused are tried again, later each
time. At the end the script writes what became of the calls, and what the server saw.

.PARAMETER Count
How many calls; 1000 where it is not given.

.PARAMETER Seed
Which calls the server refuses: the same seed refuses the same ones.

.EXAMPLE
./Invoke-FlakyService.ps1 -Count 200
#>
#Requires -Version 5.1
[CmdletBinding()]
param(
    [ValidateRange(1, 100000)]
    [int] $Count = 1000,

    [int] $Seed = 1
)

# The module that this script belongs to, installed or built; otherwise the one that is installed.
if (-not (Get-Module -Name Dispatcher)) {
    $own = Get-ChildItem -LiteralPath "$PSScriptRoot/..", "$PSScriptRoot/../../artifacts/modules/Dispatcher" -Filter Dispatcher.psd1 -Recurse -Depth 1 -ErrorAction SilentlyContinue |
        Where-Object { Test-Path -LiteralPath (Join-Path $_.DirectoryName bin) } |
        Select-Object -First 1
    if ($own) {
        Import-Module -Name $own.FullName
    }
    elseif (-not (Get-Module -Name Dispatcher -ListAvailable)) {
        throw 'This example needs the module Dispatcher, which is neither built nor installed here. Build it first: dotnet build src/Dispatcher.PowerShell'
    }
}

# The service, in C# since it has to answer several at a time. It counts what it sees.
if (-not ('FlakyService' -as [type])) {
    Add-Type -TypeDefinition @'
using System;
using System.Collections.Generic;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading;
using System.Diagnostics;

public sealed class FlakyService : IDisposable
{
    private readonly TcpListener _listener = new TcpListener(IPAddress.Loopback, 0);
    private readonly Queue<double> _arrivals = new Queue<double>();
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Random _random;
    private int _now;

    public FlakyService(int seed)
    {
        _random = new Random(seed);
        _listener.Start(64);
        var thread = new Thread(Accept);
        thread.IsBackground = true;
        thread.Start();
    }

    public int Port { get { return ((IPEndPoint)_listener.LocalEndpoint).Port; } }
    public int Requests { get; private set; }
    public int Answered { get; private set; }
    public int Refused { get; private set; }
    public int MostInASecond { get; private set; }
    public int MostAtOnce { get; private set; }

    public void Dispose() { _listener.Stop(); }

    private void Accept()
    {
        try
        {
            while (true)
            {
                TcpClient client = _listener.AcceptTcpClient();
                var thread = new Thread(delegate() { Answer(client); });
                thread.IsBackground = true;
                thread.Start();
            }
        }
        catch (SocketException) { }
        catch (ObjectDisposedException) { }
    }

    private void Answer(TcpClient client)
    {
        try
        {
            using (client)
            using (var stream = client.GetStream())
            {
                var reader = new StreamReader(stream, Encoding.ASCII);
                string first = reader.ReadLine();
                string line;
                while ((line = reader.ReadLine()) != null && line.Length > 0) { }
                if (first == null) { return; }
                string path = first.Split(' ')[1];
                byte[] answer = Encoding.ASCII.GetBytes(path == "/ready" ? Write("200 OK", "", "ready") : Serve(path));
                stream.Write(answer, 0, answer.Length);
            }
        }
        catch (IOException) { }
    }

    private string Serve(string path)
    {
        int draw;
        bool isOver;
        lock (_clock)
        {
            double time = _clock.Elapsed.TotalSeconds;
            while (_arrivals.Count > 0 && time - _arrivals.Peek() >= 1) { _arrivals.Dequeue(); }
            _arrivals.Enqueue(time);
            _now++;
            Requests++;
            MostInASecond = Math.Max(MostInASecond, _arrivals.Count);
            MostAtOnce = Math.Max(MostAtOnce, _now);
            isOver = _arrivals.Count > 50 || _now > 5;
            draw = _random.Next(100);
        }

        Thread.Sleep(5);
        lock (_clock)
        {
            _now--;
            if (isOver || draw < 10)
            {
                Refused++;
                return isOver || draw < 3 ? Write("429 Too Many Requests", "Retry-After: 1\r\n", "busy")
                    : draw < 6 ? Write("429 Too Many Requests", "", "busy") : Write("503 Service Unavailable", "", "busy");
            }

            Answered++;
            return Write("200 OK", "", "answer " + path.Substring(1));
        }
    }

    private static string Write(string status, string headers, string body)
    {
        return "HTTP/1.1 " + status + "\r\n" + headers + "Content-Type: text/plain\r\nConnection: close\r\nContent-Length: " + body.Length + "\r\n\r\n" + body;
    }
}
'@
}

$service = New-Object FlakyService $Seed
try {
    $url = "http://127.0.0.1:$($service.Port)"
    $tries = New-Object 'Collections.Concurrent.ConcurrentQueue[int]'
    $watch = [Diagnostics.Stopwatch]::StartNew()

    # -FailOnError: the error of a refused request would not fail its task otherwise, and so would not be tried again.
    # The rate counts starts, and the server counts arrivals, which come a varying moment later. So the period is a quarter of
    # a second longer than the server's, and each worker makes its first request, which takes longest, before it takes a task.
    $answers = @(1..$Count | Invoke-DispatchTask -MaxWorkers 5 -RateLimit '50/1.25s' -Timeout 30 -FailOnError `
            -Retry 20 -RetryOn 429, 503 -RetryDelay 0.2 -RetryBackoff Exponential -RetryMaxDelay 5 -RetryJitter `
            -InitializationScript { $null = Invoke-RestMethod -Uri "$using:url/ready" -UseBasicParsing } `
            -WarningAction SilentlyContinue {
            ($using:tries).Enqueue($_)
            Invoke-RestMethod -Uri "$using:url/$_" -UseBasicParsing
        })

    [pscustomobject]@{
        Calls         = $Count
        Answered      = @($answers | Select-Object -Unique).Count
        Attempts      = $tries.Count
        Refused       = $service.Refused
        MostInASecond = $service.MostInASecond
        MostAtOnce    = $service.MostAtOnce
        Seconds       = [math]::Round($watch.Elapsed.TotalSeconds, 1)
    }
}
finally {
    $service.Dispose()
}
