using System.Linq;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>Returns the tasks of a dispatcher: all that have not ended, and the last that have.</summary>
[Cmdlet(VerbsCommon.Get, "DispatchTask", DefaultParameterSetName = ById)]
[OutputType(typeof(PSDispatchTask))]
public sealed class GetDispatchTaskCommand : DispatchTaskTargetCmdlet
{
    /// <summary>Only tasks in one of these states; default all.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [EnumValue(typeof(TaskState[]))]
    public TaskState[]? State { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() =>
        WriteObject(GetTargets().Where(task => State is null || State.Contains(task.State)), enumerateCollection: true);
}
