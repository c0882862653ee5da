using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using Xunit;

namespace Dispatching.PowerShell.Tests;

/// <summary>What is left when the process that hosts the module ends: nothing.</summary>
public sealed class HostExitTests
{
    [UnixFact]
    public void Nothing_is_left_when_the_host_ends_by_itself()
    {
        string sleep = Processes.LongSleep();
        using Process host = StartHost(sleep, "[Console]::In.ReadLine() | Out-Null");
        WaitUntilRunning(sleep);
        host.StandardInput.WriteLine("end");
        AssertEnds(host, sleep);
    }

    [SignalFact]
    public void Nothing_is_left_after_SIGTERM() => AssertEndsAt("TERM");

    [SignalFact]
    public void Nothing_is_left_after_SIGHUP() => AssertEndsAt("HUP");

    [UnixTheory]
    [InlineData("Start-Sleep 3000")]
    [InlineData("$t | Wait-DispatchTask")]
    public void Nothing_is_left_after_SIGINT(string rest) => AssertEndsAt("INT", rest);

    // A terminal sends the signal to the host and to the programs that it runs.
    [UnixFact]
    public void Nothing_is_left_after_Ctrl_C() => AssertEndsAt("INT", "$t | Receive-DispatchTask -Wait", toGroup: true);

    [SignalTheory]
    [InlineData("TERM")]
    [InlineData("HUP")]
    [InlineData("Exit")]
    [InlineData("Exit in a task")]
    public void Nothing_starts_any_more_what_runs_is_stopped_in_order_and_all_of_it_is_logged(string end)
    {
        string sleep = Processes.LongSleep();
        string folder = Directory.CreateTempSubdirectory("dispatcher exit ").FullName;
        string wait = end == "Exit" ? "[Console]::In.ReadLine() | Out-Null; [Environment]::Exit(0)" : "[Threading.Thread]::Sleep(-1)";
        string last = end == "Exit in a task" ? "[Console]::In.ReadLine() | Out-Null; [Environment]::Exit(0)" : "Start-Sleep 3000";
        string script = string.Join('\n',
            "Import-Module '" + StagedModule.Manifest + "'",
            "$f = '" + folder + "'",
            "$d = New-Dispatcher -MinWorkers 3 -MaxWorkers 3 -TaskTimeout 0 -LogPath $f/log -CleanupScript { Add-Content $using:f/cleanup x }",
            "$d | Start-Dispatcher",
            "$null = Send-DispatchTask { " + last + " }",
            "$null = Send-DispatchTask { try { Add-Content $using:f/running x; Start-Sleep 3000 } finally { Add-Content $using:f/finally x } }",
            "$null = 1..10 | Send-DispatchTask -FilePath sleep -ArgumentList " + sleep + " -Retry 5",
            "$null = Send-DispatchTask { Add-Content $using:f/queued x }",
            wait);
        using Process host = Start(script);
        Session.Eventually(() => Processes.With(sleep).Count >= 2 && File.Exists(folder + "/running"), "the host's tasks to run");
        if (end.StartsWith("Exit", StringComparison.Ordinal))
        {
            host.StandardInput.WriteLine("end");
        }
        else
        {
            Kill(end, host.Id);
        }

        AssertEnds(host, sleep);
        Assert.True(File.Exists(folder + "/finally"), "The finally block did not run.");
        Assert.True(File.Exists(folder + "/cleanup"), "The clean-up script did not run.");
        Assert.False(File.Exists(folder + "/queued"), "A queued block ran.");
        string[] lines = File.ReadAllLines(folder + "/log");
        Assert.Equal(13, lines.Length);
        Assert.All(lines, line => Assert.Contains("\"state\":\"Stopped\"", line, StringComparison.Ordinal));
        Directory.Delete(folder, recursive: true);
    }

    [UnixFact]
    public void A_session_that_was_dropped_without_being_closed_does_not_keep_the_host()
    {
        string script = string.Join('\n',
            "$p = [powershell]::Create()",
            "$null = $p.AddScript({ param($m) Import-Module $m; $d = New-Dispatcher -MinWorkers 2; Start-Dispatcher; 1..2 | Send-DispatchTask { $_ } | Receive-DispatchTask -Wait }).AddArgument('" + StagedModule.Manifest + "').Invoke()",
            "$p = $null",
            "1..3 | ForEach-Object { [GC]::Collect(); [GC]::WaitForPendingFinalizers() }",
            "'ready'");
        using Process host = Start(script);
        AssertEnds(host, Processes.LongSleep());
        Assert.Equal(0, host.ExitCode);
    }

    private static void AssertEndsAt(string signal, string rest = "[Threading.Thread]::Sleep(-1)", bool toGroup = false)
    {
        string sleep = Processes.LongSleep();
        using Process host = StartHost(sleep, rest);
        WaitUntilRunning(sleep);
        Kill(signal, toGroup ? -host.Id : host.Id);
        AssertEnds(host, sleep);
    }

    private static void Kill(string signal, int id)
    {
        using Process kill = Process.Start("/bin/kill", ["-" + signal, "--", id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    /// <summary>
    /// A host with three tasks without limit: an executable that ignores signals and has a child in a session of its own,
    /// a native program of a script block, and its grandchild. Both shells ignore SIGINT: one that it ended would leave
    /// what it runs in the background, which ignores it.
    /// </summary>
    private static Process StartHost(string sleep, string rest)
    {
        string script = string.Join('\n',
            "Import-Module '" + StagedModule.Manifest + "'",
            "$d = New-Dispatcher -MinWorkers 3 -TaskTimeout 0",
            "$d | Start-Dispatcher",
            "$t = @(",
            "Send-DispatchTask -FilePath sh -ArgumentList '-c', 'trap \"\" INT TERM HUP; setsid sleep " + sleep + " & sleep " + sleep + "'",
            "Send-DispatchTask { sleep " + sleep + " }",
            "Send-DispatchTask { sh -c 'trap \"\" INT; sleep " + sleep + " & wait' })",
            rest);
        return Start(script);
    }

    private static Process Start(string script)
    {
        ProcessStartInfo start = PowerShellHost.Create(script);
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        Process host = PowerShellHost.Start(start);
        host.OutputDataReceived += (_, _) => { };
        host.ErrorDataReceived += (_, _) => { };
        host.BeginOutputReadLine();
        host.BeginErrorReadLine();
        return host;
    }

    // Four that sleep, and the two shells and the host, which have the number in their arguments too.
    private static void WaitUntilRunning(string sleep) =>
        Session.Eventually(() => Processes.With(sleep).Count >= 7, "the host's programs to run");

    private static void AssertEnds(Process host, string sleep)
    {
        Assert.True(host.WaitForExit(Limits.Hang), "The host did not end.");
        Processes.AssertNone(sleep);
    }
}
