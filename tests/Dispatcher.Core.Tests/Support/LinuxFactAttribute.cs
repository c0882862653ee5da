using System;
using Xunit;

namespace Dispatching.Tests.Support;

/// <summary>A test of what only Linux can show.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LinuxFactAttribute : FactAttribute
{
    public LinuxFactAttribute() => Skip = OperatingSystem.IsLinux() ? null : "Looks into /proc, which only Linux has.";
}

/// <summary>A test whose executable is a small shell script.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ShellFactAttribute : FactAttribute
{
    public ShellFactAttribute() => Skip = OperatingSystem.IsWindows() ? "Its executable is a script for sh." : null;
}

/// <summary>A theory whose executable is a small shell script.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ShellTheoryAttribute : TheoryAttribute
{
    public ShellTheoryAttribute() => Skip = OperatingSystem.IsWindows() ? "Its executable is a script for sh." : null;
}

/// <summary>A theory of what only Linux can show.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LinuxTheoryAttribute : TheoryAttribute
{
    public LinuxTheoryAttribute() => Skip = OperatingSystem.IsLinux() ? null : "Looks into /proc, which only Linux has.";
}
