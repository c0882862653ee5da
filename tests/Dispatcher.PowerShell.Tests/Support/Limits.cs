using System;

namespace Dispatching.PowerShell.Tests;

/// <summary>How long anything may take before the test that waits for it fails. No test is slow enough to come near it.</summary>
public static class Limits
{
    /// <summary>The limit.</summary>
    public static TimeSpan Hang { get; } = TimeSpan.FromSeconds(60);
}
