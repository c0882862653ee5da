using System;
using System.Globalization;

namespace Dispatching;

/// <summary>A task ran longer than its timeout.</summary>
public sealed class TaskTimeoutException : TimeoutException, ILoggedException
{
    private const int LongestInput = 80;

    private readonly DispatchTask _task;

    internal TaskTimeoutException(DispatchTask task, TimeSpan timeout)
    {
        _task = task;
        Limit = timeout;
    }

    /// <summary>The id of the task.</summary>
    public long TaskId => _task.Id;

    /// <summary>The name of the task.</summary>
    public string TaskName => _task.Name;

    /// <summary>The timeout that it reached.</summary>
    public TimeSpan Limit { get; }

    /// <summary>What the task worked on.</summary>
    public object? InputObject => _task.InputObject;

    /// <inheritdoc/>
    public override string Message => Format(DescribeInput());

    string ILoggedException.LogMessage => Format(input: string.Empty);

    private string Format(string input) => string.Format(
        CultureInfo.InvariantCulture, "Task {0} '{1}' did not end within its limit of {2} s{3}.", TaskId, TaskName, Limit.TotalSeconds, input);

    // Put together when it is read: the input's ToString is user code, and must not run where timeouts are watched.
    private string DescribeInput()
    {
        if (InputObject is null)
        {
            return string.Empty;
        }

        string text;
        try
        {
            text = InputObject.ToString() ?? string.Empty;
        }
        catch (Exception e)
        {
            // An input that cannot be shown is no reason to lose the error.
            text = e.Message;
        }

        return text.Length > LongestInput
            ? "; its input was '" + text.Substring(0, LongestInput) + "…'"
            : "; its input was '" + text + "'";
    }
}
