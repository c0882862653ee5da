using System;

namespace Dispatching.PowerShell.Tests;

/// <summary>Whether <see cref="SshServer"/> can work here.</summary>
public static class SshSupport
{
    internal const string NoServer = "sshd was not found: install openssh-server.";
    internal const string NoClient = "ssh was not found: install openssh-client.";

    /// <summary>What is missing; <see langword="null"/> if nothing is.</summary>
    public static string? WhyNot => !OperatingSystem.IsLinux()
        ? "Needs Linux."
        : SystemProgram.Find("sshd") is null
            ? NoServer
            : SystemProgram.Find("ssh") is null || SystemProgram.Find("ssh-keygen") is null ? NoClient : null;

    /// <summary>
    /// Why to skip the tests. In a continuous integration, which says CI=true, what can be installed is no reason: there
    /// the tests fail.
    /// </summary>
    public static string? Skip => OperatingSystem.IsLinux() && Environment.GetEnvironmentVariable("CI") == "true" ? null : WhyNot;
}
