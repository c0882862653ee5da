using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Threading;
using Xunit;

namespace Dispatching.PowerShell.Tests;

/// <summary>Hosts that are lost while tasks run there.</summary>
public sealed class SessionLossTests(SshFixture fixture) : IClassFixture<SshFixture>, IDisposable
{
    // Writes the id of its process to a file with the number of the attempt, and waits for the file "go".
    private const string Body = """
        $name = (Get-ChildItem $using:f -Filter "$_-*").Count
        Set-Content "$using:f/new-$_" "$PID." -NoNewline; Move-Item "$using:f/new-$_" "$using:f/$_-$name"
        "out $_"
        while (-not (Test-Path "$using:f/go")) { [Threading.Thread]::Sleep(10) }
        "end $_"
        """;

    private readonly SshSession _ssh = new(fixture.Server);

    private Session Session => _ssh.Session;

    public void Dispose() => _ssh.Dispose();

    [SshTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_runs_is_run_again_and_what_was_sent_counts_no_attempt(bool isFarEnd)
    {
        _ssh.StartDispatcher();
        Session.Run("$t = 1, 2 | Send-DispatchTask { " + Body + " }");
        Kill(isFarEnd, "1-0");
        Session.Eventually(() => Session.Text("$t[0].State").Single() == "Pending", "the loss to be noticed");
        _ssh.Release("go");
        Invocation received = Session.Invoke("$t | Receive-DispatchTask -Wait");
        Assert.Contains(received.Streams.Warning, warning => warning.Message.StartsWith("Host '127.0.0.2' cannot be used: ", StringComparison.Ordinal));
        Assert.Equal(["Completed 2", "Completed 1"], Session.Text("$t | ForEach-Object { \"$($_.State) $($_.Attempt)\" }"));
    }

    [SshFact]
    public void It_is_run_again_twice_at_most()
    {
        _ssh.StartDispatcher();
        Session.Run("$t = 1 | Send-DispatchTask { " + Body + " }");
        for (int i = 0; i < 3; i++)
        {
            Kill(isFarEnd: true, "1-" + i.ToString(CultureInfo.InvariantCulture));
        }

        Assert.Equal(["Failed", "3"], Session.Text("$t = $t | Wait-DispatchTask; $t.State; $t.Attempt"));
        Assert.Equal("HostLost", Session.Text("$t.Error[0].FullyQualifiedErrorId")[0].Split(',')[0]);
        Assert.Equal(["next"], Session.Text("Send-DispatchTask { 'next' } | Receive-DispatchTask -Wait"));
    }

    [SshTheory]
    [InlineData(true, "ended with exit code 255")]
    [InlineData(false, "the connection to it ended")]
    public void The_error_says_in_words_what_has_ended(bool isFarEnd, string expected)
    {
        _ssh.StartDispatcher("-HostName 127.0.0.2 -HostFailure Fail");
        Session.Run("$t = 1 | Send-DispatchTask { " + Body + " }");
        Kill(isFarEnd, "1-0");
        string message = Session.Text("($t | Wait-DispatchTask -WarningAction Ignore -ErrorAction Ignore).Exception.Message")[0];
        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.Contains("connection to it", message, StringComparison.Ordinal);
    }

    [SshFact]
    public void A_host_whose_workers_cannot_be_set_up_ends_the_call()
    {
        ErrorRecord error = Session.Fail("1..6 | Invoke-DispatchTask { $_ } @ssh -HostName 127.0.0.2 -InitializationScript { [Environment]::Exit(3) } -WarningAction Ignore");
        Assert.Equal("DispatcherHalted", error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Contains("127.0.0.2: it was lost while a worker was set up there (-InitializationScript, -Module): PowerShell there ended (ssh ended with exit code 3)", error.ToString(), StringComparison.Ordinal);
    }

    [SshFact]
    public void Others_do_the_work_of_a_host_whose_workers_cannot_be_set_up()
    {
        _ssh.StartDispatcher("-HostName 127.0.0.2, 127.0.0.3 -InitializationScript { if ($env:SSH_CONNECTION.Split()[2] -eq '127.0.0.3') { [Environment]::Exit(3) }; $begun = 'begun' }");
        Session.Run("$p = Send-DispatchTask { 'pinned' } -HostName 127.0.0.3; $t = 1..20 | Send-DispatchTask { $begun }");
        Assert.Equal(["begun"], Session.Text("$t | Receive-DispatchTask -Wait -WarningVariable warned -WarningAction SilentlyContinue | Select-Object -Unique"));
        Assert.Equal(["1", "Pending", "0"], Session.Text("$t.Attempt | Select-Object -Unique; $p.State; $p.Attempt"));
        Session.Eventually(() => Session.Text("Wait-DispatchTask $p -Timeout 0.1 -WarningVariable +warned -WarningAction SilentlyContinue -ErrorAction Ignore; @($warned -like '*127.0.0.3*set up*exit code 3*').Count")[^1] != "0", "a warning that names the host");
    }

    [SshFact]
    public void An_initialization_script_that_fails_ends_the_call()
    {
        ErrorRecord error = Session.Fail("1..6 | Invoke-DispatchTask { $_ } @ssh -HostName 127.0.0.2 -InitializationScript { throw 'no way' }");
        Assert.Equal("WorkerSetupFailed", error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Contains("no way", error.ToString(), StringComparison.Ordinal);
    }

    [SshFact]
    public void With_Fail_it_fails_and_what_is_pending_is_stopped()
    {
        _ssh.StartDispatcher("-HostName 127.0.0.2 -HostFailure Fail");
        Session.Run("$t = 1..3 | Send-DispatchTask { " + Body + " }");
        Kill(isFarEnd: false, "1-0");
        Assert.Equal(["Failed 1", "Stopped 0", "Stopped 0"], Session.Text("$t | Wait-DispatchTask -ErrorAction Ignore | ForEach-Object { \"$($_.State) $($_.Attempt)\" }"));
        Assert.Equal("HostLost", Session.Text("$t[0].Error[0].FullyQualifiedErrorId")[0].Split(',')[0]);
    }

    [SshFact]
    public void With_Fail_tasks_that_are_pinned_to_a_host_end_when_it_cannot_be_reached()
    {
        using var proxy = new CutProxy(fixture.Server.HostName, fixture.Server.Port);
        proxy.Dispose();
        Session.Run("$d = New-Dispatcher d -HostName \"127.0.0.1:" + proxy.Port.ToString(CultureInfo.InvariantCulture) + "\", 127.0.0.2 @ssh -HostFailure Fail -TaskTimeout 50; Start-Dispatcher d; $t = Send-DispatchTask { 1 } -HostName $d.HostName[0]");
        Assert.Equal("Stopped", Session.Text("$t = $t | Wait-DispatchTask -ErrorAction Ignore -WarningAction Ignore; $t.State")[0]);
        Assert.Contains("pinned", Session.Text("$t.Exception.Message")[0], StringComparison.Ordinal);
        Assert.Equal(["next"], Session.Text("Send-DispatchTask { 'next' } | Receive-DispatchTask -Wait -WarningAction Ignore"));
    }

    [SshFact]
    public void A_dead_link_is_noticed_at_both_ends()
    {
        using var proxy = new CutProxy(fixture.Server.HostName, fixture.Server.Port);
        using var ssh = new SshSession(fixture.Server, proxy.Port);
        ssh.StartDispatcher("-HostName 127.0.0.1 -PingInterval 1");
        ssh.Session.Run("$t = 1 | Send-DispatchTask { " + Body + " }");
        int far = ssh.WaitForNumber("1-0");
        proxy.Cut();
        var watch = Stopwatch.StartNew();
        Session.Eventually(() => ssh.Session.Text("$t.State").Single() == "Pending", "the near end to notice");
        Assert.InRange(watch.Elapsed, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(15)); // It is 3 s on a machine that has time.
        AssertEnds(far);

        // It opens another once the link is up.
        proxy.Restore();
        ssh.WaitForFile("1-1");
        ssh.Release("go");
        Assert.Equal(["Completed", "2"], ssh.Session.Text("$t = $t | Wait-DispatchTask; $t.State; $t.Attempt"));
    }

    [SshFact]
    public void An_attempt_to_open_ends_with_the_dispatcher()
    {
        using var proxy = new CutProxy(fixture.Server.HostName, fixture.Server.Port);
        proxy.Cut();
        using var ssh = new SshSession(fixture.Server, proxy.Port);
        ssh.StartDispatcher("-HostName 127.0.0.1");
        Session.Eventually(() => proxy.Connections == 1, "ssh to connect");
        var watch = Stopwatch.StartNew();
        ssh.Session.Run("Remove-Dispatcher d -Force");
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), "It took " + watch.Elapsed);
        Session.Eventually(() => ssh.GetClients("127.0.0.1").Count == 0, "ssh to end");
    }

    [SshTheory]
    [InlineData("Stop-Dispatcher d -Force")]
    [InlineData("Remove-Dispatcher d -Force")]
    [InlineData("Remove-Module Dispatcher")]
    public void Nothing_is_left_after(string end)
    {
        _ssh.StartDispatcher();
        string sleep = Processes.LongSleep();
        Session.Run("$t = Send-DispatchTask { $null = & sh -c \"sleep " + sleep + " & wait\" }; $null = Send-DispatchTask { 2 }");
        Session.Eventually(() => Processes.With("sleep\0" + sleep).Count > 0, "the program to run");
        Session.Invoke(end);
        Session.Eventually(() => Processes.With("sleep\0" + sleep).Count == 0 && _ssh.GetClients("127.0.0.2").Count == 0, "all to end");
    }

    [SshFact]
    public void No_effect_is_lost_whatever_is_killed()
    {
        const int Count = 500;
        var random = new Random(5);
        _ssh.StartDispatcher("-HostName 127.0.0.2, 127.0.0.3 -WorkersPerHost 2 -Prefetch 4");
        Session.Run("$t = 1.." + Count + " | Send-DispatchTask { [IO.File]::AppendAllText(\"$using:f/$_\", 'x'); \"$PID\"; [Threading.Thread]::Sleep(5) }");
        for (int i = 1; i <= 4; i++)
        {
            // At moments that the progress of the tasks decides, so that each kill meets some.
            int next = (i * 100) + random.Next(50);
            Session.Eventually(() => Directory.GetFiles(_ssh.Folder).Length >= Math.Min(next, Count - 50), "more tasks to run");
            string host = "127.0.0." + random.Next(2, 4).ToString(CultureInfo.InvariantCulture);
            IReadOnlyList<int> clients = i % 2 == 0 ? _ssh.GetClients(host) : fixture.Server.SessionPids;
            if (clients.Count > 0)
            {
                Kill(clients[random.Next(clients.Count)]);
            }
        }

        Assert.Equal(["Completed"], Session.Text("$t | Wait-DispatchTask | ForEach-Object State | Select-Object -Unique"));
        Assert.Equal(Count, Directory.GetFiles(_ssh.Folder).Length);
        Assert.Equal(["0"], Session.Text("@($t | Where-Object { $_.Output.Count -lt 1 -or $_.Output.Count -gt $_.Attempt -or (Get-Item \"$f/$($_.InputObject)\").Length -lt $_.Attempt }).Count"));
        Assert.Equal([Count + " 0 0"], Session.Text("$s = $d.Statistics; \"$($s.Completed) $($s.Pending) $($s.Running)\""));
    }

    private static void Kill(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            process.Kill();
        }
        catch (ArgumentException)
        {
            // It has gone by itself.
        }
    }

    private static void AssertEnds(int id) => Session.Eventually(
        () => !Directory.Exists("/proc/" + id.ToString(CultureInfo.InvariantCulture)), "process " + id.ToString(CultureInfo.InvariantCulture) + " to end");

    /// <summary>Once the task has written its file, kills the process at the other end, or the ssh that leads to it.</summary>
    private void Kill(bool isFarEnd, string file)
    {
        int far = _ssh.WaitForNumber(file);
        Kill(isFarEnd ? far : Assert.Single(_ssh.GetClients("127.0.0.2")));
    }
}
