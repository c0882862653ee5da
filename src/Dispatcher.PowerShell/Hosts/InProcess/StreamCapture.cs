using System;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>Passes what a worker's pipeline writes, other than output, to the task that runs.</summary>
internal sealed class StreamCapture
{
    private readonly Func<TaskContext?> _current;

    internal StreamCapture(Func<TaskContext?> current) => _current = current;

    /// <summary>From now on, all records of these streams go to the task that runs.</summary>
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

        // The pipeline runs many tasks, and must not keep the records of each.
        stream.DataAdded += (_, _) => stream.Clear();
    }

    private static void WriteError(TaskContext context, object error)
    {
        if (error is ErrorRecord { Exception: { } exception } && IsOutOfMemory(exception) && context.TryFreeMemory())
        {
            // Without this the script would go on with its next statement, and neither that nor any other thread of this
            // process would find memory. No script can catch it.
            throw new PipelineStoppedException();
        }

        if (error is not ErrorRecord record || !IsNativeText(record))
        {
            context.Write(RecordKind.Error, error);
            return;
        }

        // At a prompt the standard error of a native program is shown, and is no error. Here too: it goes into the task's
        // StandardError, and is shown as Write-Host is.
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

    // The engine wraps each line in a record. The ids are those of its NativeCommandProcessor.
    private static bool IsNativeText(ErrorRecord record) =>
        record.FullyQualifiedErrorId is "NativeCommandError" or "NativeCommandErrorMessage";
}
