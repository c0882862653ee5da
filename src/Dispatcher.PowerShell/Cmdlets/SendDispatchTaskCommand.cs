using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>Sends tasks to a dispatcher: one, or one for each item of the pipeline.</summary>
[Cmdlet(VerbsCommunications.Send, "DispatchTask", DefaultParameterSetName = ScriptBlockSet)]
[OutputType(typeof(PSDispatchTask))]
public sealed class SendDispatchTaskCommand : TaskSourceCmdlet
{
    private Dispatcher? _dispatcher;

    /// <summary>The dispatcher, or its name. Left out: the one that runs this task, or the only one of this session.</summary>
    [Parameter]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(DispatcherNameCompleter))]
    public DispatcherReference? Dispatcher { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        _dispatcher = Resolve(Dispatcher);
        PrepareTasks(_dispatcher);
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (_dispatcher is { } dispatcher && CreateTask(InputObject) is { } task && TrySend(dispatcher, task))
        {
            WriteObject(task);
        }
    }
}
