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
        using Process host = StartHost(sleep, "[Console]::In.ReadLine() | & { process { } }");
        WaitUntilRunning(sleep);
        host.StandardInput.WriteLine("end");
        AssertEnds(host, sleep);
    }

    [SignalFact]
    public void Nothing_is_left_after_SIGTERM() => AssertEndsAt("TERM");

    [SignalFact]
    public void Nothing_is_left_after_SIGHUP() => AssertEndsAt("HUP");

    private static void AssertEndsAt(string signal)
    {
        string sleep = Processes.LongSleep();
        using Process host = StartHost(sleep, "[Threading.Thread]::Sleep(-1)");
        WaitUntilRunning(sleep);
        using (Process kill = Process.Start("/bin/kill", ["-" + signal, host.Id.ToString(CultureInfo.InvariantCulture)]))
        {
            kill.WaitForExit();
        }

        AssertEnds(host, sleep);
    }

    /// <summary>
    /// A host with three tasks without limit: an executable that ignores signals and has a child in a session of its own,
    /// a native program of a script block, and its grandchild.
    /// </summary>
    private static Process StartHost(string sleep, string rest)
    {
        string script = string.Join('\n',
            "Import-Module '" + StagedModule.Manifest + "'",
            "$d = New-Dispatcher -MinWorkers 3 -TaskTimeout 0",
            "$d | Start-Dispatcher",
            "$t = @(",
            "Send-DispatchTask -FilePath sh -ArgumentList '-c', 'trap \"\" TERM HUP; setsid sleep " + sleep + " & sleep " + sleep + "'",
            "Send-DispatchTask { sleep " + sleep + " }",
            "Send-DispatchTask { sh -c 'sleep " + sleep + " & wait' })",
            rest);
        var start = new ProcessStartInfo("dotnet", [StagedModule.PowerShell, "-NoProfile", "-NonInteractive", "-Command", script])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        Process host = Process.Start(start) ?? throw new InvalidOperationException("The host did not start.");
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
