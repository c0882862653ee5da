using System;
using Xunit;

namespace Dispatching.PowerShell.Tests;

/// <summary>A test of signals, which need Unix, and the build that can ask .NET for them.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SignalFactAttribute : FactAttribute
{
    public SignalFactAttribute()
    {
        if (OperatingSystem.IsWindows())
        {
            Skip = "Windows has no signals.";
        }
        else if (StagedModule.Build != "net8.0")
        {
            Skip = ".NET Standard has no signals; the .NET versions that this build is for raise ProcessExit at SIGTERM themselves.";
        }
    }
}
