using System;
using System.Globalization;
using System.Management.Automation.Host;

namespace Dispatching.PowerShell;

/// <summary>
/// The host of a worker's runspace. It is like the engine's default host, without a user interface, but its culture is that
/// of the running task; the default host keeps the culture in which the runspace was opened.
/// </summary>
internal sealed class WorkerSessionHost : PSHost
{
    internal WorkerSessionHost(Version version) => Version = version;

    /// <inheritdoc/>
    public override string Name => "Default Host";

    /// <inheritdoc/>
    public override Version Version { get; }

    /// <inheritdoc/>
    public override Guid InstanceId { get; } = Guid.NewGuid();

    /// <inheritdoc/>
    public override PSHostUserInterface? UI => null;

    /// <inheritdoc/>
    public override CultureInfo CurrentCulture => CultureInfo.CurrentCulture;

    /// <inheritdoc/>
    public override CultureInfo CurrentUICulture => CultureInfo.CurrentUICulture;

    /// <inheritdoc/>
    public override void SetShouldExit(int exitCode)
    {
        // A task cannot end the process.
    }

    /// <inheritdoc/>
    public override void EnterNestedPrompt() => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void ExitNestedPrompt() => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void NotifyBeginApplication()
    {
        // There is no window to prepare.
    }

    /// <inheritdoc/>
    public override void NotifyEndApplication()
    {
        // There is no window to put back.
    }
}
