using System;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>Tasks that become one job, which the caller gets at the end of the input.</summary>
internal sealed class JobRun : ITaskRun
{
    private readonly PSCmdlet _cmdlet;
    private readonly TaskSender _sender;
    private readonly Dispatcher _dispatcher;
    private readonly DispatchJob _job;
    private bool _isPublished;

    internal JobRun(DispatcherCmdlet cmdlet, Dispatcher dispatcher, DispatchJob job)
    {
        _cmdlet = cmdlet;
        _sender = new TaskSender(cmdlet, dispatcher);
        _dispatcher = dispatcher;
        _job = job;
    }

    /// <summary>Called when the caller is about to get the job, which from then on ends without the cmdlet.</summary>
    internal Action? Published { get; init; }

    /// <inheritdoc/>
    public void Add(DispatchTask task)
    {
        // The job says at its end why it halted; the rest of the input is read, and not run.
        if (_dispatcher.HaltReason is null && _sender.TrySend(task))
        {
            _job.Add(task);
        }
    }

    /// <inheritdoc/>
    public void Pump()
    {
        // Nothing is written before the end.
    }

    /// <inheritdoc/>
    public void Complete()
    {
        _isPublished = true;
        Published?.Invoke();
        _job.CompleteAdding();
        _cmdlet.JobRepository.Add(_job);
        _cmdlet.WriteObject(_job);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_isPublished)
        {
            // The pipeline was stopped before its end, and nobody has seen the job. Its tasks may be stuck, and the prompt
            // does not wait for them.
            _job.RequestStop();
        }
    }
}
