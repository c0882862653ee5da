using System;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>Sends tasks to a dispatcher: one, or one for each item of the pipeline.</summary>
[Cmdlet(VerbsCommunications.Send, "DispatchTask", DefaultParameterSetName = ScriptBlockSet, SupportsShouldProcess = true)]
[OutputType(typeof(PSDispatchTask), typeof(DispatchJob))]
public sealed class SendDispatchTaskCommand : TaskSourceCmdlet
{
    private TaskFactory? _tasks;
    private TaskSender? _sender;
    private JobRun? _job;
    private ITaskRun? _dryRun;

    /// <summary>Return one job for all tasks, instead of each task.</summary>
    [Parameter]
    public SwitchParameter AsJob { get; set; }

    /// <summary>The dispatcher, or its name. Left out: the one that runs this task, or the only one of this session.</summary>
    [Parameter]
    [ValidateNotNull]
    [DispatcherArgument]
    [ArgumentCompleter(typeof(DispatcherNameCompleter))]
    public DispatcherReference? Dispatcher { get; set; }

    /// <summary>The host that has to run the tasks, one of those of the dispatcher; default any of them.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(HostNameCompleter))]
    public string? HostName { get; set; }

    private protected override string? PinnedHost => HostName;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        CheckParameters();
        Dispatcher dispatcher = Resolve(Dispatcher);
        CheckHost(dispatcher);
        if (IsDryRun("on dispatcher '" + dispatcher.Name + "'", out _dryRun) && _dryRun is null)
        {
            return;
        }

        _tasks = CreateTaskFactory(dispatcher);
        if (_dryRun is not null)
        {
            return;
        }

        _sender = new TaskSender(this, dispatcher);
        _job = AsJob ? new JobRun(this, dispatcher, CreateJob(ownDispatcher: null, ordered: false, tag: false)) : null;
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (TryTakeItem(out object? item))
        {
            Send(item);
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (TryTakeRest(out object? item))
        {
            Send(item);
        }

        _dryRun?.Complete();
        _job?.Complete();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _job?.Dispose();
        base.Dispose(disposing);
    }

    private void CheckHost(Dispatcher dispatcher)
    {
        if (HostName is not null && SessionDispatchers.GetHome(dispatcher)?.Sessions is not { } sessions)
        {
            this.RefuseWithoutEffect("-HostName says which host of the dispatcher runs the task, and dispatcher '" + dispatcher.Name + "' has none: its tasks run on this machine. Leave out -HostName, or give New-Dispatcher the hosts.", HostName);
        }
        else if (HostName is not null && SessionDispatchers.GetHome(dispatcher)?.Sessions is { } pool && !Array.Exists(pool.HostNames, name => string.Equals(name, HostName, StringComparison.OrdinalIgnoreCase)))
        {
            this.Terminate(
                new ItemNotFoundException("Dispatcher '" + dispatcher.Name + "' has no host '" + HostName + "', which -HostName names. It has " + string.Join(", ", pool.HostNames) + "."),
                ErrorIds.HostNotFound,
                ErrorCategory.ObjectNotFound,
                HostName);
        }
    }

    private void Send(object? item)
    {
        if (_tasks?.Create(item) is not { } task)
        {
            return;
        }

        if (_dryRun is not null)
        {
            _dryRun.Add(task);
        }
        else if (_job is { } job)
        {
            job.Add(task);
        }
        else if (_sender?.TrySend(task) == true)
        {
            WriteObject(task);
        }
    }
}
