using System;
using System.Management.Automation;
using Dispatching.ScriptHost;

namespace Microsoft.PowerShell.Commands;

[Cmdlet(VerbsCommunications.Write, "Error", DefaultParameterSetName = MessageSet)]
public sealed class WriteErrorCommand : PSCmdlet
{
    private const string MessageSet = "NoException";
    private const string ExceptionSet = "WithException";
    private const string RecordSet = "ErrorRecord";

    [Parameter(Position = 0, Mandatory = true, ValueFromPipeline = true, ParameterSetName = MessageSet)]
    [Parameter(ParameterSetName = ExceptionSet)]
    [AllowEmptyString]
    [Alias("Msg")]
    public string Message { get; set; } = string.Empty;

    [Parameter(Position = 0, Mandatory = true, ParameterSetName = ExceptionSet)]
    public Exception? Exception { get; set; }

    [Parameter(Position = 0, Mandatory = true, ParameterSetName = RecordSet)]
    public ErrorRecord? ErrorRecord { get; set; }

    [Parameter(ParameterSetName = MessageSet)]
    [Parameter(ParameterSetName = ExceptionSet)]
    public ErrorCategory Category { get; set; }

    [Parameter(ParameterSetName = MessageSet)]
    [Parameter(ParameterSetName = ExceptionSet)]
    public string ErrorId { get; set; } = string.Empty;

    [Parameter(ParameterSetName = MessageSet)]
    [Parameter(ParameterSetName = ExceptionSet)]
    public object? TargetObject { get; set; }

    protected override void ProcessRecord()
    {
        ErrorRecord error = ErrorRecord is null ? NewRecord() : new ErrorRecord(ErrorRecord, replaceParentContainsErrorRecordException: null);
        error.CategoryInfo.Activity = "Write-Error";
        if (GetVariableValue("MyInvocation") is InvocationInfo caller)
        {
            EngineInternals.Attribute(error, caller);
        }

        WriteError(error);
    }

    private ErrorRecord NewRecord()
    {
        Exception exception = Exception ?? new WriteErrorException(Message);
        string defaultId = exception.GetType().FullName ?? nameof(WriteErrorException);
        ErrorRecord error = new(exception, ErrorId.Length > 0 ? ErrorId : defaultId, Category, TargetObject);
        if (Exception is not null && Message.Length > 0)
        {
            error.ErrorDetails = new ErrorDetails(Message);
        }

        return error;
    }
}
