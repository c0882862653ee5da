using System;
using System.Collections.Generic;
using System.Globalization;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>What the runspaces of a dispatcher's workers are opened and set up with. Immutable.</summary>
internal sealed class WorkerSettings
{
    internal PSLanguageMode LanguageMode { get; init; } = PSLanguageMode.FullLanguage;

    /// <summary>Names or paths of modules, imported in this order.</summary>
    internal IReadOnlyList<string> Modules { get; init; } = [];

    /// <summary>Functions, each name once.</summary>
    internal IReadOnlyList<WorkerFunction> Functions { get; init; } = [];

    internal IReadOnlyDictionary<string, object?> Variables { get; init; } = new Dictionary<string, object?>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Run once, when a worker has opened its runspace.</summary>
    internal PreparedScript? Initialization { get; init; }

    /// <summary>Run once, before a worker closes its runspace.</summary>
    internal PreparedScript? Cleanup { get; init; }

    /// <summary>The cultures in which workers are set up: those of the session. Tasks bring their own.</summary>
    internal CultureInfo Culture { get; init; } = CultureInfo.CurrentCulture;

    internal CultureInfo UICulture { get; init; } = CultureInfo.CurrentUICulture;

    /// <summary>The version of the engine, which the host of a worker reports.</summary>
    internal Version EngineVersion { get; init; } = new();

    /// <summary>Whether the runspace is reset between tasks.</summary>
    internal bool ResetState { get; init; }
}
