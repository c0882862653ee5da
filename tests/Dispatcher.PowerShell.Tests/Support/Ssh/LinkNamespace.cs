using System;
using System.Collections.Generic;
using System.Globalization;
using System.Security.Cryptography;

namespace Dispatching.PowerShell.Tests;

/// <summary>
/// A network namespace of its own behind a link that can be taken down, as by a pulled cable: what is sent meanwhile is lost,
/// and nobody is told. For Linux, and only for a user who may make one.
/// </summary>
public sealed class LinkNamespace : IDisposable
{
    private static readonly Lazy<string?> s_whyNot = new(TryOnce);

    private readonly string _name = "dsp" + RandomNumberGenerator.GetHexString(8, lowercase: true);

    /// <summary>Makes one, its link up.</summary>
    /// <exception cref="InvalidOperationException">It cannot be made.</exception>
    public LinkNamespace()
    {
        // Addresses for measurements between networks (RFC 2544), which no network has.
        int number = RandomNumberGenerator.GetInt32(0, 1 << 15);
        string network = string.Create(CultureInfo.InvariantCulture, $"198.{18 + (number >> 14)}.{(number >> 6) & 255}.");
        int first = (number & 63) << 2;
        HostName = network + (first + 2).ToString(CultureInfo.InvariantCulture);
        string near = _name + "n";
        string far = _name + "f";
        SystemProgram.Run("ip", "netns", "add", _name);
        try
        {
            SystemProgram.Run("ip", "link", "add", near, "type", "veth", "peer", "name", far, "netns", _name);
            SystemProgram.Run("ip", "address", "add", network + (first + 1).ToString(CultureInfo.InvariantCulture) + "/30", "dev", near);
            SystemProgram.Run("ip", "link", "set", near, "up");
            SystemProgram.Run("ip", "-n", _name, "address", "add", HostName + "/30", "dev", far);
            SystemProgram.Run("ip", "-n", _name, "link", "set", "lo", "up");
            Restore();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Why there cannot be one; <see langword="null"/> if there can.</summary>
    public static string? WhyNot => s_whyNot.Value;

    /// <summary>Whether there can be one.</summary>
    public static bool IsSupported => WhyNot is null;

    /// <summary>The address on the far side.</summary>
    public string HostName { get; }

    /// <summary>For <see cref="SshServer"/>: starts a command on the far side.</summary>
    public IReadOnlyList<string> Launcher => [SystemProgram.Find("ip") ?? "ip", "netns", "exec", _name];

    /// <summary>Takes the link down.</summary>
    public void Cut() => SystemProgram.Run("ip", "-n", _name, "link", "set", _name + "f", "down");

    /// <summary>Brings the link up.</summary>
    public void Restore() => SystemProgram.Run("ip", "-n", _name, "link", "set", _name + "f", "up");

    /// <inheritdoc/>
    public void Dispose()
    {
        // The namespace itself ends with the last connection in it; the link must not.
        _ = SystemProgram.TryRun("ip", "link", "delete", _name + "n");
        _ = SystemProgram.TryRun("ip", "netns", "delete", _name);
    }

    private static string? TryOnce()
    {
        if (!OperatingSystem.IsLinux() || SystemProgram.Find("ip") is null)
        {
            return "Needs Linux, and ip of iproute2.";
        }

        try
        {
            using var link = new LinkNamespace();
            return null;
        }
        catch (InvalidOperationException e)
        {
            return "Needs the right to make a network namespace. " + e.Message;
        }
    }
}
