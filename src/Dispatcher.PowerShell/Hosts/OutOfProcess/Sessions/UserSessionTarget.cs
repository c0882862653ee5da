using System;
using System.Management.Automation.Runspaces;

namespace Dispatching.PowerShell;

/// <summary>A session that the user has made, by whatever transport.</summary>
internal sealed class UserSessionTarget : SessionTarget
{
    private readonly PSSession _session;

    internal UserSessionTarget(PSSession session) => _session = session;

    /// <inheritdoc/>
    internal override string HostName => _session.ComputerName ?? "localhost";

    /// <inheritdoc/>
    internal override bool CanReopen => false;

    /// <inheritdoc/>
    internal override OpenedSession Open(Action<SessionEndpoint> started)
    {
        RunspaceStateInfo info = _session.Runspace.RunspaceStateInfo;
        if (info.State == RunspaceState.Opened && _session.Runspace.RunspaceAvailability == RunspaceAvailability.Available)
        {
            QuietWriter.PutBefore(_session.Runspace);
            return new OpenedSession(_session.Runspace, endpoint: null);
        }

        throw new HostLostException("session '" + _session.Name + "' is " + (info.State == RunspaceState.Opened ? "busy with another command" : info.State + (info.Reason is { } reason ? ": " + reason.Message : string.Empty)));
    }

    /// <inheritdoc/>
    internal override bool IsSame(SessionTarget other) => other is UserSessionTarget user && user._session.InstanceId == _session.InstanceId;
}
