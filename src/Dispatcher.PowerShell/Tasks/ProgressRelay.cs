using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Threading;

namespace Dispatching.PowerShell;

/// <summary>
/// Shows the progress of tasks below one activity of the cmdlet. Two tasks may use the same activity id, and a task that
/// ends may leave its bar behind: here each gets ids of its own, and what is left is completed.
/// </summary>
internal sealed class ProgressRelay
{
    // Above what scripts use, so that their own bars stay apart.
    private static int s_lastId = 1_000_000;

    private readonly Cmdlet _cmdlet;
    private readonly string _activity;
    private readonly Dictionary<(long Task, int Activity), ProgressRecord> _open = [];
    private ProgressRecord? _root;

    internal ProgressRelay(Cmdlet cmdlet, string activity)
    {
        _cmdlet = cmdlet;
        _activity = activity;
    }

    internal void Write(DispatchTask task, ProgressRecord record)
    {
        if (_root is null)
        {
            _root = new ProgressRecord(NextId(), _activity, "Running tasks");
            _cmdlet.WriteProgress(_root);
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

        _cmdlet.WriteProgress(new ProgressRecord(shown.ActivityId, activity, status)
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

    private static int NextId() => Interlocked.Increment(ref s_lastId);

    private void Complete(IEnumerable<(long Task, int Activity)> keys)
    {
        foreach ((long Task, int Activity) key in keys)
        {
            Complete(_open[key]);
            _open.Remove(key);
        }
    }

    private void Complete(ProgressRecord shown) => _cmdlet.WriteProgress(new ProgressRecord(shown.ActivityId, shown.Activity, shown.StatusDescription)
    {
        ParentActivityId = shown.ParentActivityId,
        RecordType = ProgressRecordType.Completed,
    });
}
