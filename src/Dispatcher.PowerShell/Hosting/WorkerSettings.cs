using System;
using System.Collections.Generic;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>What the runspaces of a dispatcher's workers are made with. Immutable.</summary>
internal sealed class WorkerSettings
{
    internal PSLanguageMode LanguageMode { get; init; } = PSLanguageMode.FullLanguage;

    /// <summary>Names or paths of modules, imported in this order.</summary>
    internal IReadOnlyList<string> Modules { get; init; } = [];

    /// <summary>The text of functions, by name.</summary>
    internal IReadOnlyDictionary<string, string> Functions { get; init; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    internal IReadOnlyDictionary<string, object?> Variables { get; init; } = new Dictionary<string, object?>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Run once, when a worker has opened its runspace.</summary>
    internal PreparedScript? Initialization { get; init; }

    /// <summary>Run once, before a worker closes its runspace.</summary>
    internal PreparedScript? Cleanup { get; init; }

    /// <summary>Whether the runspace is reset between tasks.</summary>
    internal bool ResetState { get; init; }
}
