using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Threading;

namespace Dispatching.PowerShell;

/// <summary>
/// Shows the progress of tasks below one activity of the cmdlet, which shows how far they are together. Two tasks may use
/// the same activity id, and a task that ends may leave its bar behind: here each gets ids of its own, and what is left is
/// completed.
/// </summary>
internal sealed class ProgressRelay
{
    // Above what scripts use, so that their own bars stay apart.
    private static int s_lastId = 1_000_000;

    // Of one's own, since a bar is known by it and its id, and the one that the engine gives a cmdlet is not told.
    private readonly long _sourceId = (1L << 32) + NextId();
    private readonly string _activity;
    private readonly PSHost? _host;
    private readonly Dictionary<(long Task, int Activity), ProgressRecord> _open = [];
    private Action<ProgressRecord> _write;
    private ProgressRecord? _root;

    internal ProgressRelay(PSCmdlet cmdlet)
    {
        _activity = cmdlet.MyInvocation.MyCommand.Name;
        _host = cmdlet.Host;
        _write = record => cmdlet.CommandRuntime.WriteProgress(_sourceId, record);
        IsSilent = IsSilenced(cmdlet);
    }

    /// <summary>Whether the caller wants to see no progress.</summary>
    internal bool IsSilent { get; }

    /// <summary>Shows how far all tasks are.</summary>
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

        // A record may have neither: Write-Progress -Completed needs no activity.
        string activity = string.IsNullOrEmpty(record.Activity) ? _activity : record.Activity;
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

    /// <summary>Completes what a task has left open.</summary>
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
    /// Completes everything after the cmdlet has ended in another way than by its own end. It may not write any more, but
    /// the bars are still there.
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
            // A host may refuse. That must not take the place of what ended the cmdlet.
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
