using System.Collections.Generic;

namespace Dispatching;

/// <summary>Settings of an <see cref="ExecutableTask"/> that all tasks of one call share. Immutable.</summary>
public sealed class ExecutableOptions
{
    /// <summary>The folder it runs in; that of this process where <see langword="null"/> (the default).</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Variables added to the inherited environment; a <see langword="null"/> value removes one. None by default.</summary>
    public IReadOnlyCollection<KeyValuePair<string, string?>>? Environment { get; init; }

    /// <summary>The exit codes that mean success; 0 alone by default.</summary>
    public IReadOnlyCollection<int> SuccessExitCodes { get; init; } = [0];
}
