using System.Collections.Generic;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>A task as PowerShell shows it: what it wrote, by stream. Each property is a copy of what is there now.</summary>
public sealed partial class PSDispatchTask : DispatchTask
{
    internal PSDispatchTask(IDispatchable body, TaskOptions options, object? inputObject)
        : base(body, options, inputObject)
    {
    }

    /// <summary>What it wrote to the output stream, or the lines of an executable's standard output.</summary>
    public object?[] Output => Select(RecordKind.Output, value => value);

    /// <summary>Its errors. The one that ended it is the last.</summary>
    public ErrorRecord[] Error => Select(RecordKind.Error, value => TaskRecords.ToError(this, value));

    /// <summary>Its warnings.</summary>
    public WarningRecord[] Warning => Select(RecordKind.Warning, TaskRecords.ToWarning);

    /// <summary>Its verbose messages.</summary>
    public VerboseRecord[] Verbose => Select(RecordKind.Verbose, value => (VerboseRecord)value);

    /// <summary>Its debug messages.</summary>
    public DebugRecord[] Debug => Select(RecordKind.Debug, value => (DebugRecord)value);

    /// <summary>Its information records, those of Write-Host included.</summary>
    public InformationRecord[] Information => Select(RecordKind.Information, value => (InformationRecord)value);

    /// <summary>Its progress records.</summary>
    public ProgressRecord[] Progress => Select(RecordKind.Progress, value => (ProgressRecord)value);

    /// <summary>The lines of an executable's standard error. Receiving a task leaves them.</summary>
    public string[] StandardError => GetStandardError();

    internal override string DescribeError(System.Exception error) => error is ParameterBindingException binding
        ? DescribeBinding(binding)
        : base.DescribeError(error);

    private protected override string? DescribeInput(LogInput input) => input == LogInput.Text ? InputText.Of(InputObject) : InputText.NameOf(InputObject);

    // The engine's own message quotes the argument; where there is no parameter for one, its name is the argument.
    private static string DescribeBinding(ParameterBindingException binding) => "An argument could not be bound ("
        + binding.ErrorId + (string.IsNullOrEmpty(binding.ParameterName) || binding.ErrorId is "PositionalParameterNotFound" ? string.Empty : ", parameter '" + binding.ParameterName + "'") + ").";

    private T[] Select<T>(RecordKind kind, System.Func<object, T> convert)
    {
        var selected = new List<T>();
        foreach (TaskRecord record in GetRecords())
        {
            if (record.Kind == kind)
            {
                selected.Add(convert(record.Value!)); // Only output can be null, and there it is passed on as it is.
            }
        }

        return [.. selected];
    }
}
