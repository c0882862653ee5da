using System;
using Xunit;

namespace Dispatching.PowerShell.Tests;

/// <summary>A test of signals, which need Unix, and the build that can ask .NET for them.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SignalFactAttribute : FactAttribute
{
    /// <summary>Creates the attribute.</summary>
    public SignalFactAttribute() => Skip = WhyNot;

    internal static string? WhyNot => OperatingSystem.IsWindows()
        ? "Windows has no signals."
        : StagedModule.Build == "net8.0"
            ? null
            : ".NET Standard has no signals; the .NET versions that this build is for raise ProcessExit at SIGTERM themselves.";
}

/// <summary>A theory of signals.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SignalTheoryAttribute : TheoryAttribute
{
    /// <summary>Creates the attribute.</summary>
    public SignalTheoryAttribute() => Skip = SignalFactAttribute.WhyNot;
}
