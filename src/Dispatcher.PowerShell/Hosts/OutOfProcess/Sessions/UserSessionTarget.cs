using System;
using System.Diagnostics;
using System.Management.Automation.Runspaces;
using System.Threading;

namespace Dispatching.PowerShell;

/// <summary>A session that the user has made, by whatever transport.</summary>
internal sealed class UserSessionTarget : SessionTarget
{
    private static readonly TimeSpan s_momentOfEnd = TimeSpan.FromSeconds(1);

    private readonly PSSession _session;

    internal UserSessionTarget(PSSession session) => _session = session;

    /// <inheritdoc/>
    internal override string HostName => _session.ComputerName ?? "localhost";

    /// <inheritdoc/>
    internal override bool CanReopen => false;

    /// <inheritdoc/>
    internal override OpenedSession Open(Action<SessionEndpoint> started)
    {
        bool isAvailable = WaitUntilAvailable(_session.Runspace);
        RunspaceStateInfo info = _session.Runspace.RunspaceStateInfo;
        if (isAvailable)
        {
            QuietWriter.PutBefore(_session.Runspace);
            return new OpenedSession(_session.Runspace, endpoint: null);
        }

        throw new HostLostException("session '" + _session.Name + "' is " + (info.State == RunspaceState.Opened ? "busy with another command" : info.State + (info.Reason is { } reason ? ": " + reason.Message : string.Empty)));
    }

    /// <summary>A command that has just ended, or was stopped, keeps its session for a moment.</summary>
    private static bool WaitUntilAvailable(Runspace runspace)
    {
        // Not disposed of: the engine may still be about to call the handler.
        var changed = new AutoResetEvent(initialState: false);
        void OnChanged(object? sender, RunspaceAvailabilityEventArgs e) => changed.Set();
        runspace.AvailabilityChanged += OnChanged;
        try
        {
            var limit = Stopwatch.StartNew();
            while (runspace.RunspaceStateInfo.State == RunspaceState.Opened && runspace.RunspaceAvailability != RunspaceAvailability.Available)
            {
                TimeSpan left = s_momentOfEnd - limit.Elapsed;
                if (left <= TimeSpan.Zero || !changed.WaitOne(left))
                {
                    break;
                }
            }

            return runspace.RunspaceStateInfo.State == RunspaceState.Opened && runspace.RunspaceAvailability == RunspaceAvailability.Available;
        }
        finally
        {
            runspace.AvailabilityChanged -= OnChanged;
        }
    }

    /// <inheritdoc/>
    internal override bool IsSame(SessionTarget other) => other is UserSessionTarget user && user._session.InstanceId == _session.InstanceId;
}
