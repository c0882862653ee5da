using System;
using System.Linq;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>The data of the exceptions that end tasks.</summary>
internal static class TaskExceptions
{
    private const string EngineTrace = "System.Management.Automation.Interpreter.InterpretedFrameInfo";

    // Of inner exceptions, in case a chain has no end.
    private const int MaxDepth = 10;

    /// <summary>
    /// Names the task on the exception: that reaches a catch after -ErrorAction Stop, where the engine re-creates the record.
    /// </summary>
    internal static void Name(Exception exception, DispatchTask task)
    {
        Clean(exception);
        try
        {
            if (ReferenceEquals(exception.Data[TaskRecords.TaskProperty], task))
            {
                return; // Another thread may be reading the data.
            }

            exception.Data["DispatchTaskId"] = task.Id;
            exception.Data["DispatchTaskName"] = task.Name;
            exception.Data[TaskRecords.TaskProperty] = task;
        }
        catch (Exception)
        {
            // An exception type of the user's own may refuse, and .NET Framework refuses a task whose type cannot be
            // serialized. The record is worth more than its label.
        }
    }

    /// <summary>
    /// Removes the trace that the engine adds on the way out of a script. Its key is no string, for which ConvertTo-Json
    /// refuses the exception.
    /// </summary>
    internal static void Clean(Exception? exception)
    {
        for (int depth = 0; exception is not null && depth < MaxDepth; depth++, exception = exception.InnerException)
        {
            RemoveTrace(exception);
            if (exception is RuntimeException { ErrorRecord.Exception: { } own } && !ReferenceEquals(own, exception))
            {
                RemoveTrace(own);
            }
        }
    }

    private static void RemoveTrace(Exception exception)
    {
        try
        {
            if (exception.Data.Count > 0 && exception.Data.Keys.OfType<Type>().FirstOrDefault(key => string.Equals(key.FullName, EngineTrace, StringComparison.Ordinal)) is { } key)
            {
                exception.Data.Remove(key);
            }
        }
        catch (Exception)
        {
            // Data of the user's own may refuse.
        }
    }
}
