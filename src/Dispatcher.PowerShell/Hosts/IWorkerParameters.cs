using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>The parameters that say what workers are made with.</summary>
internal interface IWorkerParameters
{
    object[]? Module { get; }

    string[]? Function { get; }

    object[]? Variable { get; }

    ScriptBlock? InitializationScript { get; }

    ScriptBlock? CleanupScript { get; }

    SwitchParameter ResetState { get; }
}
