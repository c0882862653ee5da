using System;
using System.Globalization;
using System.Linq;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>
/// The texts of the views of Dispatcher.Format.ps1xml. Only Dispatcher.Types.ps1xml calls it: there each method is
/// the getter of a hidden property, which a script in any language mode may read. Safe to use from any thread.
/// </summary>
public static class ViewText
{
    /// <summary>The state of a task, coloured where the host shows colours.</summary>
    public static string State(PSObject target) => StateColors.Paint(Task(target).State);

    /// <summary>The state of a task in a journal, coloured in the same way.</summary>
    public static string JournalState(PSObject target) => StateColors.Paint(Entry(target).State);

    /// <summary>How long the last attempt of a task in a journal took; <see langword="null"/> if it did not start.</summary>
    public static string? JournalDuration(PSObject target) => Text(Entry(target).Duration);

    /// <summary>When a task in a journal ended, in local time.</summary>
    public static string? JournalEndedAt(PSObject target) => Text(Entry(target).EndedAt);

    /// <summary>The key of a task in a journal, for a column of a table.</summary>
    public static string? JournalKey(PSObject target) => CellText.ForTask(Entry(target).Key);

    /// <summary>The first error of a task in a journal, in one line.</summary>
    public static string? JournalError(PSObject target) => OneLine(Entry(target).FirstError);

    /// <summary>The status of a dispatcher, coloured in the same way.</summary>
    public static string Status(PSObject target) => Dispatcher(target) switch
    {
        { HaltReason: not null, Status: not DispatcherStatus.Stopped } => "Halted",
        { IsSuspended: true, Status: not DispatcherStatus.Stopped } => "Suspended",
        { Status: var status } => StateColors.Paint(status),
    };

    /// <summary>Whether errors that script blocks write are failures on this dispatcher, where the sender does not say.</summary>
    public static bool FailOnError(PSObject target) => SessionDispatchers.GetHome(Dispatcher(target))?.FailOnError == true;

    /// <summary>The tasks that a task depends on, by id and name; <see langword="null"/> for none.</summary>
    public static string? DependsOn(PSObject target) =>
        Task(target).DependsOn is { Count: > 0 } tasks ? string.Join(", ", tasks.Take(5).Select(task => task.Id + " " + task.Name)) + (tasks.Count > 5 ? ", …" : string.Empty) : null;

    /// <summary>How long the last attempt of a task has run; <see langword="null"/> if it has not started.</summary>
    public static string? Duration(PSObject target) => Text(Task(target).Duration);

    /// <summary>How long a task waited; <see langword="null"/> if it was not sent.</summary>
    public static string? WaitTime(PSObject target) => Text(Task(target).WaitTime);

    /// <summary>The timeout of a task, or "none".</summary>
    public static string? Timeout(PSObject target) => Text(Task(target).Timeout);

    /// <summary>When a task was accepted, in local time.</summary>
    public static string? QueuedAt(PSObject target) => Text(Task(target).QueuedAt);

    /// <summary>When the last attempt of a task started, in local time.</summary>
    public static string? StartedAt(PSObject target) => Text(Task(target).StartedAt);

    /// <summary>When a task ended, in local time.</summary>
    public static string? EndedAt(PSObject target) => Text(Task(target).EndedAt);

    /// <summary>What a task works on, in one line; <see langword="null"/> if there is nothing.</summary>
    public static string? Input(PSObject target) => OneLine(Task(target).InputObject is { } input ? Convert(input) : null);

    /// <summary>The name of a task for a column of a table: a path is cut in the middle.</summary>
    public static string? Name(PSObject target) => CellText.ForTask(Task(target).Name);

    /// <summary>What a task works on, for a column of a table: a path is cut in the middle.</summary>
    public static string? ShortInput(PSObject target) => CellText.ForTask(Input(target));

    /// <summary>More about the state: why the task waits, its exit code, or that there were errors.</summary>
    public static string? Result(PSObject target)
    {
        DispatchTask task = Task(target);
        if (task.PendingReason is { } reason)
        {
            return reason;
        }

        if (task.ExitCode is { } code && (code != 0 || task.State == TaskState.Failed))
        {
            // The codes of Windows have up to 11 characters, the width of the column.
            string text = code.ToString(CultureInfo.InvariantCulture);
            return text.Length <= 6 ? "exit " + text : text;
        }

        return task.HadErrors ? "errors" : null;
    }

    /// <summary>The type and the message of the exception that ended a task, without the stack.</summary>
    public static string? ExceptionText(PSObject target) =>
        Task(target).Exception is { } exception ? exception.GetType().Name + ": " + exception.Message : null;

    /// <summary>The name of a task's dispatcher.</summary>
    public static string? DispatcherName(PSObject target) => Task(target).Dispatcher?.Name;

    /// <summary>The name of a dispatcher, for a column of a table.</summary>
    public static string? DispatcherOwnName(PSObject target) => CellText.ForDispatcher(Dispatcher(target).Name);

    /// <summary>How many workers a dispatcher has, and may have: "2 of 8".</summary>
    public static string Workers(PSObject target)
    {
        Dispatcher dispatcher = Dispatcher(target);
        return string.Format(CultureInfo.CurrentCulture, "{0} of {1}", dispatcher.WorkerCount, dispatcher.MaxWorkers);
    }

    /// <summary>How far the workers of a dispatcher are kept apart.</summary>
    public static WorkerIsolation Isolation(PSObject target) => SessionDispatchers.GetHome(Dispatcher(target))?.Isolation ?? WorkerIsolation.Thread;

    /// <summary>The hosts that run its tasks; <see langword="null"/> where this machine does.</summary>
    public static string[]? HostName(PSObject target) => SessionDispatchers.GetHome(Dispatcher(target))?.Sessions?.HostNames;

    /// <summary>The timeout of tasks that set none, or "none".</summary>
    public static string? TaskTimeout(PSObject target) => Text(Dispatcher(target).TaskTimeout);

    /// <summary>How long tasks may take to end when asked to.</summary>
    public static string? StopGrace(PSObject target) => Text(Dispatcher(target).StopGrace);

    /// <summary>How long a worker is idle before the pool halves, or "none".</summary>
    public static string? ScaleDownInterval(PSObject target) => Text(Dispatcher(target).ScaleDownInterval);

    private static DispatchTask Task(PSObject target) => (DispatchTask)target.BaseObject;

    private static DispatchJournalEntry Entry(PSObject target) => (DispatchJournalEntry)target.BaseObject;

    private static Dispatcher Dispatcher(PSObject target) => (Dispatcher)target.BaseObject;

    private static string? Text(TimeSpan? duration) => duration is { } known ? DurationText.Format(known) : null;

    private static string? Text(DateTimeOffset? time) => time?.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    private static string? OneLine(string? text) => text?.Replace("\r\n", " ").Replace('\n', ' ').Replace('\r', ' ');

    private static string? Convert(object value)
    {
        try
        {
            return LanguagePrimitives.ConvertTo<string>(value);
        }
        catch (Exception)
        {
            // A ToString of the user may throw, and a view must not fail by it.
            return value.GetType().Name;
        }
    }
}
