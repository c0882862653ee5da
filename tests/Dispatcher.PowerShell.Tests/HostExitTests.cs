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

    private static void AssertEndsAt(string signal, string rest = "[Threading.Thread]::Sleep(-1)", bool toGroup = false)
    {
        string sleep = Processes.LongSleep();
        using Process host = StartHost(sleep, rest);
        WaitUntilRunning(sleep);
        using (Process kill = Process.Start("/bin/kill", ["-" + signal, "--", (toGroup ? -host.Id : host.Id).ToString(CultureInfo.InvariantCulture)]))
        {
            kill.WaitForExit();
        }

        AssertEnds(host, sleep);
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
