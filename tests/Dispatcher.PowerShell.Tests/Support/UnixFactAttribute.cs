using System;
using Xunit;

namespace Dispatching.PowerShell.Tests;

/// <summary>A test that looks for processes in /proc, or runs sh.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class UnixFactAttribute : FactAttribute
{
    /// <summary>Creates the attribute.</summary>
    public UnixFactAttribute()
    {
        if (!OperatingSystem.IsLinux())
        {
            Skip = "Needs sh and /proc.";
        }
    }
}

/// <summary>A theory that looks for processes in /proc, or runs sh.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class UnixTheoryAttribute : TheoryAttribute
{
    /// <summary>Creates the attribute.</summary>
    public UnixTheoryAttribute()
    {
        if (!OperatingSystem.IsLinux())
        {
            Skip = "Needs sh and /proc.";
        }
    }
}
