using System.Collections.Generic;

namespace Dispatching.PowerShell;

/// <summary>How ssh connects, for all hosts of a call. What is not given, ssh's own configuration decides.</summary>
internal sealed class SshOptions
{
    internal string? UserName { get; init; }

    internal int? Port { get; init; }

    /// <summary>The file of the private key.</summary>
    internal string? KeyFilePath { get; init; }

    /// <summary>The subsystem of the sshd there that starts PowerShell.</summary>
    internal string Subsystem { get; init; } = "powershell";

    /// <summary>Options of ssh_config(5).</summary>
    internal IReadOnlyList<KeyValuePair<string, string>> Options { get; init; } = [];
}
