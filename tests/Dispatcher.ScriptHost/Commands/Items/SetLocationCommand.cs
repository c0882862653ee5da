using System.Management.Automation;

namespace Microsoft.PowerShell.Commands;

[Cmdlet(VerbsCommon.Set, "Location", DefaultParameterSetName = "Path")]
public sealed class SetLocationCommand : PSCmdlet
{
    [Parameter(Position = 0, Mandatory = true, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = "Path")]
    public string Path { get; set; } = string.Empty;

    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = "LiteralPath")]
    [Alias("PSPath", "LP")]
    public string LiteralPath { get; set; } = string.Empty;

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    protected override void ProcessRecord()
    {
        try
        {
            PathInfo location = SessionState.Path.SetLocation(ParameterSetName == "Path" ? Path : WildcardPattern.Escape(LiteralPath));
            if (PassThru)
            {
                WriteObject(location);
            }
        }
        catch (RuntimeException problem) when (problem is not PipelineStoppedException and not ActionPreferenceStopException)
        {
            WriteError(new ErrorRecord(problem.ErrorRecord, problem));
        }
    }
}
