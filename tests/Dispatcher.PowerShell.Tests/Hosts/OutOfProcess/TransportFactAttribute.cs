using System;
using Xunit;

namespace Dispatching.PowerShell.Tests;

/// <summary>A test of sessions in child processes, which the build for .NET Standard has not got.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class TransportFactAttribute : FactAttribute
{
    /// <summary>Creates the attribute.</summary>
    public TransportFactAttribute() => Skip = WhyNot;

    internal static string? WhyNot => !OperatingSystem.IsLinux()
        ? "Needs sh and /proc."
        : StagedModule.Build == "net8.0" ? null : "Only the build for .NET 8 and later has a transport.";
}

/// <summary>A theory of sessions in child processes.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class TransportTheoryAttribute : TheoryAttribute
{
    /// <summary>Creates the attribute.</summary>
    public TransportTheoryAttribute() => Skip = TransportFactAttribute.WhyNot;
}
