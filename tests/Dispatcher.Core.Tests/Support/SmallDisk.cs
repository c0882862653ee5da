using System;
using System.Diagnostics;
using System.IO;
using Xunit;

namespace Dispatching.Tests.Support;

/// <summary>A file system of 100 KB in place of a folder. Linux only, and only for a user who may mount.</summary>
internal sealed class SmallDisk : IDisposable
{
    private static readonly Lazy<bool> s_isPossible = new(TryOnce);

    private readonly string _folder;

    internal SmallDisk(string folder)
    {
        _folder = folder;
        Assert.True(Run("mount", "-t", "tmpfs", "-o", "size=100k", "tmpfs", folder), "It could not be mounted.");
    }

    /// <summary>Whether there can be one.</summary>
    internal static bool IsPossible => s_isPossible.Value;

    public void Dispose() => Run("umount", _folder);

    internal void Grow() => Assert.True(Run("mount", "-o", "remount,size=10m", _folder), "It could not be made larger.");

    private static bool TryOnce()
    {
        if (!OperatingSystem.IsLinux())
        {
            return false;
        }

        string folder = Directory.CreateTempSubdirectory().FullName;
        bool isPossible = Run("mount", "-t", "tmpfs", "-o", "size=100k", "tmpfs", folder) && Run("umount", folder);
        Directory.Delete(folder);
        return isPossible;
    }

    private static bool Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        Assert.True(process.WaitForExit(Bounded.Limit));
        return process.ExitCode == 0;
    }
}

/// <summary>A test that fills a disk.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SmallDiskFactAttribute : FactAttribute
{
    public SmallDiskFactAttribute() => Skip = SmallDisk.IsPossible ? null : "Needs Linux, and the right to mount a file system.";
}
