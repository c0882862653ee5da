using System;
using System.Management.Automation;
using System.Reflection;

namespace Dispatching.PowerShell;

/// <summary>The end of the pipeline of a serial task: takes what the block writes, all streams merged, in the order it is written.</summary>
[Cmdlet(VerbsCommunications.Receive, "SerialOutput")]
internal sealed class ReceiveSerialOutputCommand : Cmdlet
{
    internal const string Name = "Receive-SerialOutput";

    // What tells a merged record from an object of the same type that is output: not public, and in Windows PowerShell notes.
    private static readonly PropertyInfo? s_stream = typeof(PSObject).GetProperty("WriteStream", BindingFlags.Instance | BindingFlags.NonPublic);

    /// <summary>Where it goes.</summary>
    [Parameter(Mandatory = true)]
    public TaskContext? Context { get; set; }

    /// <summary>What was written.</summary>
    [Parameter(ValueFromPipeline = true)]
    [AllowNull]
    public PSObject? InputObject { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        object? value = InputObject?.BaseObject;
        string stream = GetStream(InputObject, value);
        switch (stream)
        {
            case "Error" when value is ErrorRecord { FullyQualifiedErrorId: "NativeCommandError" or "NativeCommandErrorMessage" } native:
                WriteNative(native);
                break;
            case "Error" when value is ErrorRecord error:
                Context?.Write(RecordKind.Error, error);
                break;
            case "Warning" when value is WarningRecord:
                Context?.Write(RecordKind.Warning, value);
                break;
            case "Verbose" when value is VerboseRecord:
                Context?.Write(RecordKind.Verbose, value);
                break;
            case "Debug" when value is DebugRecord:
                Context?.Write(RecordKind.Debug, value);
                break;
            case "Information" or "Host" when value is InformationRecord:
                Context?.Write(RecordKind.Information, value);
                break;
            default:
                Context?.Write(RecordKind.Output, InputObject);
                break;
        }
    }

    private static string GetStream(PSObject? record, object? value)
    {
        if (record is null)
        {
            return string.Empty;
        }

        if (s_stream is not null)
        {
            return s_stream.GetValue(record)?.ToString() ?? string.Empty;
        }

        string name = value switch
        {
            ErrorRecord => "Error",
            WarningRecord => "Warning",
            VerboseRecord => "Verbose",
            DebugRecord => "Debug",
            InformationRecord => "Information",
            _ => string.Empty,
        };
        return name.Length > 0 && record.Properties["write" + name + "Stream"] is not null ? name : string.Empty;
    }

    // The standard error of a program is no error by itself: StreamCapture does the same in a worker.
    private void WriteNative(ErrorRecord error)
    {
        string text = error.ToString();
        Context?.Write(RecordKind.StandardError, text);
        var shown = new InformationRecord(new HostInformationMessage { Message = text }, error.CategoryInfo.TargetName);
        shown.Tags.Add("PSHOST");
        Context?.Write(RecordKind.Information, shown);
    }
}
