using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Threading;

namespace Dispatching.PowerShell;

/// <summary>
/// Shows the progress records of tasks below one activity of the cmdlet, which has the progress of them all. Tasks may use
/// the same activity ids, and may end without completing theirs: each gets ids of its own here, and what is left open is
/// completed.
/// </summary>
internal sealed class ProgressRelay
{
    // Above the ids that scripts use for bars of their own.
    private static int s_lastId = 1_000_000;

    // A bar is identified by a source and an activity id, and a cmdlet cannot read the source that the engine gives it.
    private readonly long _sourceId = (1L << 32) + NextId();
    private readonly string _activity;
    private readonly PSHost? _host;
    private readonly Dictionary<(long Task, int Activity), ProgressRecord> _open = [];
    private Action<ProgressRecord> _write;
    private ProgressRecord? _root;

    internal ProgressRelay(PSCmdlet cmdlet)
    {
        _activity = cmdlet.MyInvocation.MyCommand.Name + (cmdlet is TaskSourceCmdlet { Name.Text: { } name } ? ": " + name : string.Empty);
        _host = cmdlet.Host;
        _write = record => cmdlet.CommandRuntime.WriteProgress(_sourceId, record);
        IsSilent = IsSilenced(cmdlet);
    }

    /// <summary>Whether the caller has silenced progress.</summary>
    internal bool IsSilent { get; }

    /// <summary>Shows the progress of all tasks.</summary>
    internal void Show(ProgressFigures figures)
    {
        _root = new ProgressRecord(_root?.ActivityId ?? NextId(), _activity, figures.Status)
        {
            PercentComplete = figures.Percent,
            SecondsRemaining = figures.SecondsLeft,
        };
        _write(_root);
    }

    internal void Write(DispatchTask task, ProgressRecord record)
    {
        if (_root is null)
        {
            _root = new ProgressRecord(NextId(), _activity, "Running tasks");
            _write(_root);
        }

        // Both may be empty: Write-Progress -Completed needs no activity.
        string activity = string.IsNullOrEmpty(record.Activity) ? _activity : record.Activity;
        if (task.Options.Name is { } own && !_activity.EndsWith(": " + own, StringComparison.Ordinal))
        {
            activity = own + ": " + activity;
        }

        string status = string.IsNullOrEmpty(record.StatusDescription) ? " " : record.StatusDescription;
        (long Task, int Activity) key = (task.Id, record.ActivityId);
        if (!_open.TryGetValue(key, out ProgressRecord? shown))
        {
            int parent = _open.TryGetValue((task.Id, record.ParentActivityId), out ProgressRecord? above) ? above.ActivityId : _root.ActivityId;
            shown = new ProgressRecord(NextId(), activity, status) { ParentActivityId = parent };
            _open.Add(key, shown);
        }

        _write(new ProgressRecord(shown.ActivityId, activity, status)
        {
            ParentActivityId = shown.ParentActivityId,
            CurrentOperation = record.CurrentOperation,
            PercentComplete = record.PercentComplete,
            SecondsRemaining = record.SecondsRemaining,
            RecordType = record.RecordType,
        });
        if (record.RecordType == ProgressRecordType.Completed)
        {
            _open.Remove(key);
        }
    }

    /// <summary>Completes the bars that a task has left open.</summary>
    internal void End(DispatchTask task)
    {
        if (_open.Count > 0)
        {
            Complete([.. _open.Keys.Where(key => key.Task == task.Id)]);
        }
    }

    /// <summary>Completes everything.</summary>
    internal void End()
    {
        Complete([.. _open.Keys]);
        if (_root is { } root)
        {
            _root = null;
            Complete(root);
        }
    }

    /// <summary>
    /// Completes everything after the cmdlet was stopped or has failed. It may no longer write, but the bars are still shown:
    /// they are completed in the host itself.
    /// </summary>
    internal void Abandon()
    {
        if (IsSilent || _root is null)
        {
            return;
        }

        try
        {
            _write = record => _host?.UI?.WriteProgress(_sourceId, record);
            End();
        }
        catch (Exception)
        {
            // A host may refuse. Its error must not replace the one that ended the cmdlet.
        }
    }

    private static int NextId() => Interlocked.Increment(ref s_lastId);

    private static bool IsSilenced(PSCmdlet cmdlet)
    {
        // -ProgressAction came with PowerShell 7.4.
        object? wanted = cmdlet.MyInvocation.BoundParameters.TryGetValue("ProgressAction", out object? bound) ? bound : cmdlet.GetVariableValue("ProgressPreference");
        return LanguagePrimitives.TryConvertTo(wanted, CultureInfo.InvariantCulture, out ActionPreference preference) && preference is ActionPreference.SilentlyContinue or ActionPreference.Ignore;
    }

    private void Complete(IEnumerable<(long Task, int Activity)> keys)
    {
        foreach ((long Task, int Activity) key in keys)
        {
            Complete(_open[key]);
            _open.Remove(key);
        }
    }

    private void Complete(ProgressRecord shown) => _write(new ProgressRecord(shown.ActivityId, shown.Activity, shown.StatusDescription)
    {
        ParentActivityId = shown.ParentActivityId,
        RecordType = ProgressRecordType.Completed,
    });
}
