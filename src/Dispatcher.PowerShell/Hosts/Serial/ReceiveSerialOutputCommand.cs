using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>The ends of the two pipelines of a serial task: one takes the output of the block, and the other the records of its other streams.</summary>
[Cmdlet(VerbsCommunications.Receive, "SerialOutput")]
internal sealed class ReceiveSerialOutputCommand : Cmdlet
{
    internal const string Name = "Receive-SerialOutput";

    /// <summary>Where it goes.</summary>
    [Parameter(Mandatory = true)]
    public TaskContext? Context { get; set; }

    /// <summary>What was written.</summary>
    [Parameter(ValueFromPipeline = true)]
    [AllowNull]
    public PSObject? InputObject { get; set; }

    /// <summary>Whether it is output, whatever its type; otherwise, it is a record of another stream.</summary>
    [Parameter]
    public SwitchParameter IsOutput { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        switch (IsOutput ? null : InputObject?.BaseObject)
        {
            case ErrorRecord { FullyQualifiedErrorId: "NativeCommandError" or "NativeCommandErrorMessage" } native:
                WriteNative(native);
                break;
            case ErrorRecord error:
                Context?.Write(RecordKind.Error, error);
                break;
            case WarningRecord warning:
                Context?.Write(RecordKind.Warning, warning);
                break;
            case VerboseRecord verbose:
                Context?.Write(RecordKind.Verbose, verbose);
                break;
            case DebugRecord debug:
                Context?.Write(RecordKind.Debug, debug);
                break;
            case InformationRecord information:
                Context?.Write(RecordKind.Information, information);
                break;
            default:
                Context?.Write(RecordKind.Output, InputObject);
                break;
        }
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
