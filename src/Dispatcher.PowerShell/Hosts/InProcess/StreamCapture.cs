using System;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>The way of what a worker's pipeline writes, other than output, into the log of the task that runs.</summary>
internal sealed class StreamCapture
{
    private readonly Func<TaskContext?> _current;

    internal StreamCapture(Func<TaskContext?> current) => _current = current;

    /// <summary>Has all records of these streams go to the task that runs, from now on.</summary>
    internal void Attach(PSDataStreams streams)
    {
        Capture(streams.Error, WriteError);
        Capture(streams.Warning, RecordKind.Warning);
        Capture(streams.Verbose, RecordKind.Verbose);
        Capture(streams.Debug, RecordKind.Debug);
        Capture(streams.Information, RecordKind.Information);
        Capture(streams.Progress, RecordKind.Progress);
    }

    private void Capture<T>(PSDataCollection<T> stream, RecordKind kind) =>
        Capture(stream, (context, item) => context.Write(kind, item));

    private void Capture<T>(PSDataCollection<T> stream, Action<TaskContext, object> write)
    {
        stream.DataAdding += (_, adding) =>
        {
            if (_current() is { } context)
            {
                write(context, adding.ItemAdded);
            }
        };

        // The pipeline lives on for many tasks; what it has handed over it must not keep.
        stream.DataAdded += (_, _) => stream.Clear();
    }

    private static void WriteError(TaskContext context, object error)
    {
        if (error is ErrorRecord { Exception: { } exception } && IsOutOfMemory(exception) && context.TryFreeMemory())
        {
            // The script would go on to its next statement, which finds no memory either, and so would every thread of this
            // process. Nothing in a script catches this.
            throw new PipelineStoppedException();
        }

        if (error is not ErrorRecord record || !IsNativeText(record))
        {
            context.Write(RecordKind.Error, error);
            return;
        }

        // What a native program writes to its standard error shows at a prompt, and is no error. So here: it goes into the
        // task's log of that, and shows as Write-Host does.
        string text = record.ToString();
        context.Write(RecordKind.StandardError, text);
        var shown = new InformationRecord(new HostInformationMessage { Message = text }, record.CategoryInfo.TargetName);
        shown.Tags.Add("PSHOST");
        context.Write(RecordKind.Information, shown);
    }

    private static bool IsOutOfMemory(Exception exception)
    {
        for (Exception? one = exception; one is not null; one = one.InnerException)
        {
            if (one is OutOfMemoryException)
            {
                return true;
            }
        }

        return false;
    }

    // The engine wraps each line in a record of its own; the ids are those of its NativeCommandProcessor.
    private static bool IsNativeText(ErrorRecord record) =>
        record.FullyQualifiedErrorId is "NativeCommandError" or "NativeCommandErrorMessage";
}
