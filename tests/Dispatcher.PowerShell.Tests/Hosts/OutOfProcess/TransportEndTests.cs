using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Remoting;
using System.Management.Automation.Runspaces;
using Xunit;
using Engine = System.Management.Automation.PowerShell;

namespace Dispatching.PowerShell.Tests;

/// <summary>However a child process ends, its session does, with the reason, and nothing of it is left.</summary>
public sealed class TransportEndTests
{
    private const string Killed = "was ended by signal SIGKILL (9) (exit code 137)";

    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(20);

    [TransportTheory]
    [InlineData("[Environment]::Exit(3)", "ended with exit code 3")]
    [InlineData("[Environment]::FailFast('worst')", "was ended by signal SIGABRT (6) (exit code 134)")]
    [InlineData("/bin/kill -9 $PID; Start-Sleep 600", Killed)]
    public void The_end_of_the_process_ends_the_pipeline_with_the_reason(string script, string expected)
    {
        using Endpoint endpoint = Endpoint.Open();
        Exception error = endpoint.Lose(script);
        Assert.Contains(expected, error.ToString(), StringComparison.Ordinal);
        Assert.Equal(expected, endpoint.WaitForEnd());
        Assert.Equal(1, endpoint.EndCount);
    }

    [TransportFact]
    public void The_error_of_a_crash_says_why()
    {
        using Endpoint endpoint = Endpoint.Open();
        Assert.Contains("worst", endpoint.Lose("[Environment]::FailFast('worst')").ToString(), StringComparison.Ordinal);
        Assert.Contains("worst", endpoint.ErrorText, StringComparison.Ordinal);
    }

    [TransportFact]
    public void A_kill_ends_a_pipeline_whose_input_is_open()
    {
        using Endpoint endpoint = Endpoint.Open();
        using Engine engine = endpoint.Create("begin { 'ready' } process { $_ }");
        using var input = new PSDataCollection<int>();
        using var output = new PSDataCollection<PSObject>();
        using var gate = new Gate();
        output.DataAdded += (_, _) => gate.Arrive();
        IAsyncResult running = engine.BeginInvoke(input, output);
        gate.WaitForArrivals();
        endpoint.KillFromOutside();
        for (int i = 0; i < 1000; i++)
        {
            input.Add(i);
        }

        Assert.True(running.AsyncWaitHandle.WaitOne(Limits.Hang), "The pipeline did not end.");
        Assert.Contains(Killed, Assert.IsAssignableFrom<RuntimeException>(Record.Exception(() => engine.EndInvoke(running))).ToString(), StringComparison.Ordinal);
        Assert.Equal(Killed, endpoint.WaitForEnd());
        AssertDisposedSoon(endpoint);
    }

    [TransportFact]
    public void A_kill_is_told_while_the_session_is_idle()
    {
        using Endpoint endpoint = Endpoint.Open();
        using var gate = new Gate();
        endpoint.Runspace.StateChanged += (_, e) =>
        {
            if (e.RunspaceStateInfo.State is RunspaceState.Broken or RunspaceState.Closed)
            {
                gate.Arrive();
            }
        };
        endpoint.KillFromOutside();
        Assert.Equal(Killed, endpoint.WaitForEnd());
        gate.WaitForArrivals();
        string? late = null;
        endpoint.TellEnd(how => late = how);
        Assert.Equal(Killed, late);
        Assert.Equal(1, endpoint.EndCount);
        AssertDisposedSoon(endpoint);
    }

    [TransportFact]
    public void A_kill_ends_the_opening()
    {
        using Endpoint endpoint = Endpoint.StartPowerShell();
        using var gate = new Gate();
        endpoint.Runspace.StateChanged += (_, e) =>
        {
            if (e.RunspaceStateInfo.State is RunspaceState.Opening)
            {
                endpoint.KillFromOutside();
            }
        };
        Exception error = Assert.IsAssignableFrom<RuntimeException>(Record.Exception(endpoint.Runspace.Open));
        Assert.Contains(Killed, error.ToString(), StringComparison.Ordinal);
        AssertDisposedSoon(endpoint);
    }

    [TransportTheory]
    [InlineData("ended with exit code 0", "", "/bin/true")]
    [InlineData("ended with exit code 255", "ssh: no such host", "/bin/sh", "-c", "echo 'ssh: no such host' >&2; exit 255")]
    [InlineData("wrote what is no message of a session", "", "/bin/cat")]
    [InlineData("closed its output", "", "/bin/sh", "-c", "exec >&-; exec sleep 600")]
    [InlineData("ended with exit code 7", "", "/bin/sh", "-c", "exec <&-; exec >&-; sleep 0.1; exit 7")]
    [InlineData("ended with exit code 1", "not a PowerShell", "/bin/sh", "-c", "cat /etc/passwd; echo 'not a PowerShell' >&2; exit 1")]
    public void What_is_no_PowerShell_fails_to_open(string end, string errorText, params string[] command)
    {
        var clock = Stopwatch.StartNew();
        using var endpoint = new Endpoint(command[0], command[1..]);
        Exception error = Assert.IsAssignableFrom<RuntimeException>(Record.Exception(endpoint.Runspace.Open));
        Assert.Equal(end, endpoint.WaitForEnd());
        Assert.Equal(errorText, endpoint.ErrorText);
        if (command[0] != "/bin/cat")
        {
            Assert.Contains(end, error.ToString(), StringComparison.Ordinal);
            Assert.Contains(errorText, error.ToString(), StringComparison.Ordinal);
        }

        AssertDisposedSoon(endpoint);
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, s_soon);
    }

    [TransportFact]
    public void A_program_that_is_not_there_cannot_be_started()
    {
        IOException error = Assert.Throws<IOException>(() => new Endpoint("/no/such/program"));
        Assert.Contains("/no/such/program", error.Message, StringComparison.Ordinal);
    }

    [TransportFact]
    public void A_running_pipeline_ends_when_the_process_is_disposed_of()
    {
        Endpoint endpoint = Endpoint.Open();
        using Engine engine = endpoint.Create("'ready'; Start-Sleep 600");
        using var output = new PSDataCollection<PSObject>();
        using var gate = new Gate();
        output.DataAdded += (_, _) => gate.Arrive();
        IAsyncResult running = engine.BeginInvoke<PSObject, PSObject>(input: null, output);
        gate.WaitForArrivals();
        AssertDisposedSoon(endpoint);
        Assert.True(running.AsyncWaitHandle.WaitOne(Limits.Hang), "The pipeline did not end.");
        Assert.IsAssignableFrom<RuntimeException>(Record.Exception(() => engine.EndInvoke(running)));
    }

    [TransportFact]
    public void A_session_that_is_disposed_of_first_ends_its_pipeline_and_its_process()
    {
        using Endpoint endpoint = Endpoint.Open();
        using Engine engine = endpoint.Create("'ready'; Start-Sleep 600");
        using var output = new PSDataCollection<PSObject>();
        using var gate = new Gate();
        output.DataAdded += (_, _) => gate.Arrive();
        IAsyncResult running = engine.BeginInvoke<PSObject, PSObject>(input: null, output);
        gate.WaitForArrivals();
        endpoint.Runspace.Dispose();
        Assert.NotNull(endpoint.WaitForEnd());
        Assert.True(running.AsyncWaitHandle.WaitOne(Limits.Hang), "The pipeline did not end.");
    }

    [TransportFact]
    public void A_session_whose_process_hangs_is_closed_all_the_same()
    {
        using Endpoint endpoint = Endpoint.Open();
        using (var stop = Process.Start("kill", ["-STOP", endpoint.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
        {
            stop.WaitForExit();
        }

        var clock = Stopwatch.StartNew();
        Record.Exception(endpoint.Runspace.Close);
        Assert.Equal(Killed, endpoint.WaitForEnd());
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, s_soon);
    }

    [TransportFact]
    public void Kill_leaves_nothing_that_was_started()
    {
        string own = Processes.LongSleep();
        using Endpoint endpoint = Endpoint.Open();
        endpoint.Run("param($own) $null = [Diagnostics.Process]::Start('setsid', '--fork sleep ' + $own); while (-not (pgrep -f \"^sleep $own\")) { }", own);
        Assert.Single(Processes.With(own));
        endpoint.Kill();
        endpoint.Kill();
        Assert.Equal(Killed, endpoint.WaitForEnd());
        Processes.AssertNone(own);
    }

    [TransportFact]
    public void A_process_that_ends_by_itself_leaves_nothing()
    {
        string own = Processes.LongSleep();
        using Endpoint endpoint = Endpoint.Open();
        endpoint.Lose("$null = [Diagnostics.Process]::Start('setsid', '--fork sleep " + own + "'); while (-not (pgrep -f '^sleep " + own + "')) { }; [Environment]::Exit(3)");
        Assert.Equal("ended with exit code 3", endpoint.WaitForEnd());
        Processes.AssertNone(own);
    }

    [TransportFact]
    public void Many_that_are_opened_and_killed_leave_no_files_open()
    {
        const int Runs = 8;
        OpenAndKill();
        int files = Directory.GetFileSystemEntries("/proc/self/fd").Length;
        for (int run = 0; run < Runs; run++)
        {
            OpenAndKill();
        }

        Session.Eventually(() => Directory.GetFileSystemEntries("/proc/self/fd").Length < files + Runs, "Files are left open.");
    }

    private static void OpenAndKill()
    {
        using Endpoint endpoint = Endpoint.Open();
        endpoint.Kill();
        Assert.Equal(Killed, endpoint.WaitForEnd());
    }

    private static void AssertDisposedSoon(Endpoint endpoint)
    {
        var clock = Stopwatch.StartNew();
        endpoint.Dispose();
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, s_soon);
    }
}
