using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Security.Cryptography;
using System.Text;
using Xunit;

namespace Dispatching.PowerShell.Tests;

/// <summary>Finds processes that tests start, by an argument no other process has.</summary>
public static class Processes
{
    /// <summary>A number of seconds to sleep: long, and unique.</summary>
    public static string LongSleep() => "3000." + RandomNumberGenerator.GetInt32(100_000_000, 999_999_999).ToString(CultureInfo.InvariantCulture);

    /// <summary>The ids of processes that have this text in their arguments.</summary>
    public static IReadOnlyList<int> With(string argument)
    {
        var found = new List<int>();
        foreach (string folder in Directory.GetDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out int id)
                && CommandLine(folder).Contains(argument, StringComparison.Ordinal))
            {
                found.Add(id);
            }
        }

        return found;
    }

    /// <summary>Fails unless none has it, at once or as soon as those being killed have gone.</summary>
    public static void AssertNone(string argument)
    {
        foreach (int id in With(argument))
        {
            try
            {
                using var process = Process.GetProcessById(id);
                Assert.True(process.WaitForExit(Limits.Hang), "Process " + id + " with '" + argument + "' is still alive.");
            }
            catch (ArgumentException)
            {
                // It ended between the two looks.
            }
        }

        Assert.Empty(With(argument));
    }

    private static string CommandLine(string folder)
    {
        try
        {
            return Encoding.UTF8.GetString(File.ReadAllBytes(Path.Combine(folder, "cmdline")));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return string.Empty;
        }
    }
}
