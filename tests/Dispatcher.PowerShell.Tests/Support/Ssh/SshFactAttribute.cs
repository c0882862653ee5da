using System;
using Xunit;

namespace Dispatching.PowerShell.Tests;

/// <summary>A test that needs an SSH server and its client.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SshFactAttribute : FactAttribute
{
    /// <summary>Creates the attribute.</summary>
    public SshFactAttribute() => Skip = SshSupport.Skip;
}

/// <summary>A theory that needs an SSH server and its client.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SshTheoryAttribute : TheoryAttribute
{
    /// <summary>Creates the attribute.</summary>
    public SshTheoryAttribute() => Skip = SshSupport.Skip;
}

/// <summary>A test that takes down the link to an SSH server.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LinkFactAttribute : FactAttribute
{
    /// <summary>Creates the attribute.</summary>
    public LinkFactAttribute() => Skip = SshSupport.Skip ?? LinkNamespace.WhyNot;
}
