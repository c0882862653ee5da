using System;
using System.Collections.Generic;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace Dispatching.PowerShell;

/// <summary>Changes a dispatcher, also while it runs.</summary>
[Cmdlet(VerbsCommon.Set, "Dispatcher", DefaultParameterSetName = ByName, SupportsShouldProcess = true)]
[OutputType(typeof(Dispatcher))]
public sealed class SetDispatcherCommand : DispatcherTargetCmdlet
{
    private static readonly string[] s_settings =
        [nameof(MinWorkers), nameof(MaxWorkers), nameof(QueueSize), nameof(TaskTimeout), nameof(StopGrace), nameof(ScaleDownInterval),
         nameof(RateLimit), nameof(GroupLimit), nameof(MaxFailures), nameof(FailureAction), nameof(FailOnError), nameof(HostName), nameof(Session)];

    private static readonly string[] s_ofLocal = [nameof(MinWorkers), nameof(MaxWorkers), nameof(ScaleDownInterval)];

    /// <summary>How many workers are kept when there is nothing to do: 0 or more.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int MinWorkers { get; set; }

    /// <summary>How many workers there are at most: 1 or more. Busy ones that are too many go when their task is done.</summary>
    [Parameter]
    [Alias("ThrottleLimit")]
    [ValidateRange(1, int.MaxValue)]
    public int MaxWorkers { get; set; }

    /// <summary>How many tasks the queue holds: 1 or more.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int QueueSize { get; set; }

    /// <summary>The timeout of tasks that set none, from their next start.</summary>
    [Parameter]
    [Duration(DurationKind.Limit)]
    public TimeSpan TaskTimeout { get; set; }

    /// <summary>How long a task may take to end when asked to, before force is used.</summary>
    [Parameter]
    [Duration(DurationKind.Delay)]
    public TimeSpan StopGrace { get; set; }

    /// <summary>How long a worker must be idle before the pool halves.</summary>
    [Parameter]
    [Duration(DurationKind.Limit)]
    public TimeSpan ScaleDownInterval { get; set; }

    /// <summary>How many tasks may start in a period: a number of starts per second, or text such as 50/s or 100/min; $null for no limit.</summary>
    [Parameter]
    [Rate]
    public Rate? RateLimit { get; set; }

    /// <summary>How many tasks of a group run at once: a number, or a hashtable of groups and numbers; $null for no limit. What runs goes on.</summary>
    [Parameter]
    [GroupLimit]
    public GroupLimit? GroupLimit { get; set; }

    /// <summary>How many failures halt it: a number, or a percentage; $null for none.</summary>
    [Parameter]
    [FailureLimit]
    public FailureLimit? MaxFailures { get; set; }

    /// <summary>What it stops then: StopPending or StopAll.</summary>
    [Parameter]
    [EnumValue(typeof(FailureAction))]
    public FailureAction FailureAction { get; set; }

    /// <summary>Whether errors that script blocks write are failures, for tasks that are sent from now on.</summary>
    [Parameter]
    public SwitchParameter FailOnError { get; set; }

    /// <summary>The hosts from now on, with the options for ssh that the dispatcher was made with. Those that are not named any more finish what runs there.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? HostName { get; set; }

    /// <summary>The sessions from now on.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public PSSession[]? Session { get; set; }

    /// <summary>Write the dispatcher to the pipeline.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        if (!Array.Exists(s_settings, MyInvocation.BoundParameters.ContainsKey))
        {
            this.Terminate(
                new PSArgumentException("There is nothing to set. Give at least one of -" + string.Join(", -", s_settings) + "."),
                ErrorIds.NothingToSet,
                ErrorCategory.InvalidArgument,
                target: null);
        }
    }

    private protected override void Process(Dispatcher dispatcher)
    {
        if (dispatcher.IsDisposed)
        {
            WriteError(CmdletErrors.Removed(dispatcher));
            return;
        }

        if (this.Confirm("Change dispatcher '" + dispatcher.Name + "': " + GetChanges(dispatcher) + ".") && CheckHosts(dispatcher) && TrySetWorkers(dispatcher))
        {
            SetHosts(dispatcher);
            Set(nameof(QueueSize), () => dispatcher.QueueSize = QueueSize);
            Set(nameof(TaskTimeout), () => dispatcher.TaskTimeout = TaskTimeout);
            Set(nameof(StopGrace), () => dispatcher.StopGrace = StopGrace);
            Set(nameof(ScaleDownInterval), () => dispatcher.ScaleDownInterval = ScaleDownInterval);
            Set(nameof(RateLimit), () => dispatcher.RateLimit = RateLimit);
            Set(nameof(GroupLimit), () => dispatcher.GroupLimit = GroupLimit);
            Set(nameof(MaxFailures), () => dispatcher.MaxFailures = MaxFailures);
            Set(nameof(FailureAction), () => dispatcher.FailureAction = FailureAction);
            if (SessionDispatchers.GetHome(dispatcher) is { } home)
            {
                Set(nameof(FailOnError), () => home.FailOnError = FailOnError);
            }
        }

        if (PassThru)
        {
            WriteObject(dispatcher);
        }
    }

    private string GetChanges(Dispatcher dispatcher)
    {
        var changes = new List<string>();
        void Add(string parameter, Func<string> before, string after)
        {
            if (MyInvocation.BoundParameters.ContainsKey(parameter))
            {
                changes.Add(parameter + " from " + before() + " to " + after);
            }
        }

        Add(nameof(MinWorkers), () => Text(dispatcher.MinWorkers), Text(MinWorkers));
        Add(nameof(MaxWorkers), () => Text(dispatcher.MaxWorkers), Text(MaxWorkers));
        Add(nameof(QueueSize), () => Text(dispatcher.QueueSize), Text(QueueSize));
        Add(nameof(TaskTimeout), () => DurationText.Format(dispatcher.TaskTimeout), DurationText.Format(TaskTimeout));
        Add(nameof(StopGrace), () => DurationText.Format(dispatcher.StopGrace), DurationText.Format(StopGrace));
        Add(nameof(ScaleDownInterval), () => DurationText.Format(dispatcher.ScaleDownInterval), DurationText.Format(ScaleDownInterval));
        Add(nameof(RateLimit), () => Text(dispatcher.RateLimit), Text(RateLimit));
        Add(nameof(GroupLimit), () => Text(dispatcher.GroupLimit), Text(GroupLimit));
        Add(nameof(MaxFailures), () => Text(dispatcher.MaxFailures), Text(MaxFailures));
        Add(nameof(FailureAction), () => dispatcher.FailureAction.ToString(), FailureAction.ToString());
        string Hosts() => SessionDispatchers.GetHome(dispatcher)?.Sessions is { } sessions ? string.Join(" ", sessions.HostNames) : "none";
        Add(nameof(HostName), Hosts, string.Join(" ", HostName ?? []));
        Add(nameof(Session), Hosts, string.Join(" ", Array.ConvertAll(Session ?? [], session => session.Name)));
        Add(nameof(FailOnError), () => Text(SessionDispatchers.GetHome(dispatcher)?.FailOnError), Text(FailOnError.IsPresent));
        return string.Join(", ", changes);
    }

    private static string Text(int number) => number.ToString(CultureInfo.CurrentCulture);

    private static string Text(object? value) => value?.ToString() is { Length: > 0 } text ? text : "none";

    private void Set(string parameter, Action change)
    {
        if (MyInvocation.BoundParameters.ContainsKey(parameter))
        {
            change();
        }
    }

    private bool CheckHosts(Dispatcher dispatcher)
    {
        bool setsHosts = HostName is not null || Session is not null;
        bool setsWorkers = Array.Exists(s_ofLocal, MyInvocation.BoundParameters.ContainsKey);
        bool hasHosts = SessionDispatchers.GetHome(dispatcher)?.Sessions is not null;
        string? problem = setsHosts && !hasHosts ? "The tasks of dispatcher '" + dispatcher.Name + "' run on this machine, and -HostName and -Session cannot change that. Create another one with New-Dispatcher -HostName."
            : setsWorkers && hasHosts ? "The tasks of dispatcher '" + dispatcher.Name + "' run on other hosts, and -" + string.Join(" and -", s_ofLocal) + " are about workers on this machine. New-Dispatcher -WorkersPerHost says how many tasks each host runs at once."
            : null;
        if (problem is not null)
        {
            WriteError(new ErrorRecord(new PSArgumentException(problem), ErrorIds.ParameterHasNoEffect, ErrorCategory.InvalidArgument, dispatcher));
        }

        return problem is null;
    }

    private void SetHosts(Dispatcher dispatcher)
    {
        if ((HostName is not null || Session is not null) && SessionDispatchers.GetHome(dispatcher)?.Sessions is { } sessions)
        {
            sessions.Change(new SessionParameters { HostName = HostName, Session = Session }.GetTargets(this, sessions.Ssh));
        }
    }

    private bool TrySetWorkers(Dispatcher dispatcher)
    {
        if (!Array.Exists(s_ofLocal, MyInvocation.BoundParameters.ContainsKey))
        {
            return true;
        }

        int min = MyInvocation.BoundParameters.ContainsKey(nameof(MinWorkers)) ? MinWorkers : dispatcher.MinWorkers;
        int max = MyInvocation.BoundParameters.ContainsKey(nameof(MaxWorkers)) ? MaxWorkers : dispatcher.MaxWorkers;
        if (min > max)
        {
            WriteError(new ErrorRecord(
                new PSArgumentException("MinWorkers would be " + min + " and MaxWorkers " + max + " for dispatcher '" + dispatcher.Name + "': MaxWorkers must be at least MinWorkers."),
                ErrorIds.InvalidWorkerCount,
                ErrorCategory.InvalidArgument,
                dispatcher));
            return false;
        }

        dispatcher.SetWorkers(min, max);
        return true;
    }
}
