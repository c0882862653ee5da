using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>Sends tasks to a dispatcher: one, or one for each item of the pipeline.</summary>
[Cmdlet(VerbsCommunications.Send, "DispatchTask", DefaultParameterSetName = ScriptBlockSet)]
[OutputType(typeof(PSDispatchTask), typeof(DispatchJob))]
public sealed class SendDispatchTaskCommand : TaskSourceCmdlet
{
    private Dispatcher? _dispatcher;
    private DispatchJob? _job;

    /// <summary>Return one job for all tasks, instead of each task.</summary>
    [Parameter]
    public SwitchParameter AsJob { get; set; }

    /// <summary>The dispatcher, or its name. Left out: the one that runs this task, or the only one of this session.</summary>
    [Parameter]
    [ValidateNotNull]
    [DispatcherArgument]
    [ArgumentCompleter(typeof(DispatcherNameCompleter))]
    public DispatcherReference? Dispatcher { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        CheckRetry();
        _dispatcher = Resolve(Dispatcher);
        PrepareTasks(_dispatcher);
        _job = AsJob ? new DispatchJob(JobCommand, Name?.Text, ownDispatcher: null, ordered: false, tag: false) : null;
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (_dispatcher is not { } dispatcher || CreateTask(InputObject) is not { } task || !TrySend(dispatcher, task))
        {
            return;
        }

        if (_job is null)
        {
            WriteObject(task);
        }
        else
        {
            _job.Add(task);
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing() => PublishJob();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        // Still here only when the pipeline was stopped before its end: nobody has seen the job. Its
        // tasks may be stuck, and the prompt does not wait for them.
        _job?.RequestStop();
        base.Dispose(disposing);
    }

    private void PublishJob()
    {
        if (_job is { } job)
        {
            _job = null;
            job.CompleteAdding();
            JobRepository.Add(job);
            WriteObject(job);
        }
    }
}
