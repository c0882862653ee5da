using System;
using System.Collections.Generic;
using System.Management.Automation;
#if !NET
using System.Runtime.Serialization;
#endif

namespace Dispatching.PowerShell;

/// <summary>A task as PowerShell shows it: what it wrote, by stream. Each property is a copy of what is there now.</summary>
[Serializable]
public sealed class PSDispatchTask : DispatchTask
#if !NET
    , ISerializable
#endif
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

#if !NET
    // .NET Framework takes only what can be serialized into the Data of an exception. Elsewhere a task is its name.
    void ISerializable.GetObjectData(SerializationInfo info, StreamingContext context)
    {
        info.SetType(typeof(TaskNameLabel));
        info.AddValue(nameof(Name), Name);
    }

#endif
    internal override string DescribeError(Exception error) => error is ParameterBindingException binding
        ? DescribeBinding(binding)
        : base.DescribeError(error);

    private protected override string? DescribeRecord(object error) => error is ErrorRecord record ? record.ToString() : base.DescribeRecord(error);

    private protected override string? DescribeLoggedRecord(object error) => error is ErrorRecord { Exception: { } exception } ? DescribeError(exception) : null;

    private protected override string? DescribeInput(LogInput input) => input == LogInput.Text ? InputText.Of(InputObject) : InputText.NameOf(InputObject);

    // The engine's own message quotes the argument; where there is no parameter for one, its name is the argument.
    private static string DescribeBinding(ParameterBindingException binding) => "An argument could not be bound ("
        + binding.ErrorId + (string.IsNullOrEmpty(binding.ParameterName) || binding.ErrorId is "PositionalParameterNotFound" ? string.Empty : ", parameter '" + binding.ParameterName + "'") + ").";

    private T[] Select<T>(RecordKind kind, Func<object, T> convert)
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
