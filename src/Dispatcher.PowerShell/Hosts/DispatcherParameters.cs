using System;
using System.IO;
using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace Dispatching.PowerShell;

/// <summary>
/// What a dispatcher and its workers are made with, as cmdlets take it: the parameters of New-Dispatcher and
/// Invoke-DispatchTask are stored here, with the defaults of New-Dispatcher, and this alone makes a dispatcher of them.
/// </summary>
internal sealed class DispatcherParameters
{
    /// <summary>Its name, by which other cmdlets find it. Default: "Dispatcher" and a number.</summary>
    internal string? Name { get; set; }

    /// <summary>How many workers are kept when there is nothing to do: 0 or more, default 1.</summary>
    internal int MinWorkers { get; set; } = 1;

    /// <summary>How many workers there are at most: 1 or more, default the processor count but at least 5.</summary>
    internal int MaxWorkers { get; set; } = Dispatcher.DefaultMaxWorkers;

    /// <summary>How many tasks the queue holds: 1 or more, default 1000.</summary>
    internal int QueueSize { get; set; } = Dispatcher.DefaultQueueSize;

    /// <summary>What becomes of tasks sent while the queue is full: Wait (default), Overflow or Reject.</summary>
    internal QueueFullMode QueueFullMode { get; set; } = QueueFullMode.Wait;

    /// <summary>The timeout of tasks that set none; default 10 s.</summary>
    internal TimeSpan TaskTimeout { get; set; } = Dispatcher.DefaultTaskTimeout;

    /// <summary>How long a task may take to end when asked to, before force is used; default 2 s.</summary>
    internal TimeSpan StopGrace { get; set; } = Dispatcher.DefaultStopGrace;

    /// <summary>How long a worker must be idle before the pool halves; default 300 s.</summary>
    internal TimeSpan ScaleDownInterval { get; set; } = Dispatcher.DefaultWaitBetweenScaleDowns;

    /// <summary>How many ended tasks Get-DispatchTask remembers: 0 or more, default 1000.</summary>
    internal int HistorySize { get; set; } = Dispatcher.DefaultHistorySize;

    /// <summary>Modules that each worker imports: names, paths or module objects.</summary>
    internal object[]? Module { get; set; }

    /// <summary>Functions of the caller that each worker gets: names, with wildcards.</summary>
    internal string[]? Function { get; set; }

    /// <summary>Variables that each worker gets: names of the caller's, or a hashtable of names and values.</summary>
    internal object[]? Variable { get; set; }

    /// <summary>Run once by each worker before its first script block, in the scope that the blocks share. Its output is dropped.</summary>
    internal ScriptBlock? InitializationScript { get; set; }

    /// <summary>Run once by each worker that has run script blocks, before it ends; its timeout is 10 s. Its output is dropped.</summary>
    internal ScriptBlock? CleanupScript { get; set; }

    /// <summary>Reset the worker's global variables between tasks. That costs about a millisecond a task.</summary>
    internal SwitchParameter ResetState { get; set; }

    /// <summary>How many tasks a worker runs before another takes its place: 1 or more; default no limit.</summary>
    internal int MaxTasksPerWorker { get; set; } = int.MaxValue;

    /// <summary>
    /// A file that gets one line of JSON for each task that has ended. It is appended to; where it is not there, it and its
    /// folders are created, for their owner alone to read. Default none.
    /// </summary>
    internal string? LogPath { get; set; }

    /// <summary>
    /// How much the log tells of the item of a task: Name (default) its own property Name or Id, Text the whole of it, None
    /// nothing. Strings and numbers are in the log with Text alone.
    /// </summary>
    internal LogInput LogInput { get; set; }

    /// <summary>
    /// A folder that remembers which tasks have completed: the next run with the same folder skips them, and writes what they
    /// wrote. It and those above it are created where they are not there, for their owner alone. Default none.
    /// </summary>
    internal string? JournalPath { get; set; }

    /// <summary>What the journal keeps of the output of tasks that complete: Full (default) or None.</summary>
    internal JournalOutput JournalOutput { get; set; }

    /// <summary>How large the output of one task may be that the journal keeps, in bytes; default 1 MB. Of a larger one nothing is kept, and a warning says so.</summary>
    internal long JournalOutputLimit { get; set; } = DispatcherDefaults.JournalOutputLimit;

    /// <summary>
    /// How many tasks may start in a period, further attempts included: a number of starts per second, or text such as 50/s
    /// or 100/min. In no period of that length do more start. Default no limit.
    /// </summary>
    internal Rate? RateLimit { get; set; }

    /// <summary>How many tasks of a -Group run at once: a number for each, or a hashtable of groups and numbers, in which * is the default. Default no limit.</summary>
    internal GroupLimit? GroupLimit { get; set; }

    /// <summary>How many failures halt it: a number, or a percentage such as 10%, which counts once 20 tasks have ended. Default none do.</summary>
    internal FailureLimit? MaxFailures { get; set; }

    /// <summary>What it stops then: StopPending (default) or StopAll.</summary>
    internal FailureAction FailureAction { get; set; }

    /// <summary>Whether $ErrorActionPreference is Stop in script blocks, and one that writes an error is Failed.</summary>
    internal SwitchParameter FailOnError { get; set; }

    /// <summary>
    /// Whether each worker is a thread of this process (Thread, the default) or a process of its own (Process), which a task
    /// can end or block without harm to others. Executables run in processes of their own anyway.
    /// </summary>
    internal WorkerIsolation Isolation { get; set; }

    /// <summary>The hosts that run the tasks, where this machine does not.</summary>
    internal SessionParameters Sessions { get; } = new();

    /// <summary>Whether the tasks run in the session of the caller, and not on workers.</summary>
    internal bool IsSerial { get; set; }

    /// <summary>Creates a dispatcher of this session, not started. Parameters that cannot be used end the cmdlet.</summary>
    /// <param name="caller">The cmdlet.</param>
    /// <param name="isHidden">Whether it is for this cmdlet alone, so that no other finds it and nobody handles its events.</param>
    internal Dispatcher Create(PSCmdlet caller, bool isHidden = false)
    {
        CheckLogInput(caller);
        CheckJournal(caller);
        CheckFailureAction(caller);
        int maxWorkers = GetMaxWorkers(caller);
        WorkerSettings settings = BuildSettings(caller);
        SessionPool? sessions = Sessions.Create(caller, CreateSessionSettings(settings), needsOne: isHidden);
        var options = new DispatcherOptions
        {
            Name = Name,
            MinWorkers = MinWorkers,
            MaxWorkers = maxWorkers,
            QueueSize = QueueSize,
            QueueFullMode = QueueFullMode,
            TaskTimeout = TaskTimeout,
            StopGrace = StopGrace,
            ScaleDownInterval = ScaleDownInterval,
            HistorySize = HistorySize,
            MaxTasksPerWorker = MaxTasksPerWorker,
            LogPath = ResolveLogPath(caller),
            LogInput = LogInput,
            JournalPath = ResolveJournalPath(caller),
            JournalOutput = JournalOutput,
            JournalOutputLimit = JournalOutputLimit,
            OutputSerializer = new CliXmlSerializer(),
            HasNoWorkers = IsSerial || sessions is not null,
            Runners = sessions,
            RateLimit = RateLimit,
            GroupLimit = GroupLimit,
            MaxFailures = MaxFailures,
            FailureAction = FailureAction,
            CreateWorkerHost = Isolation == WorkerIsolation.Process ? () => new ProcessHost(settings, Sessions.Prefetch) : () => new RunspaceHost(settings),
            EnterEventThread = isHidden ? null : () => new HandlerRunspace(),
        };
        try
        {
            Dispatcher created = SessionDispatchers.Create(options, Runspace.DefaultRunspace, settings.LanguageMode, isHidden);
            DispatcherHome home = SessionDispatchers.GetHome(created)!; // It has just been given one.
            home.FailOnError = FailOnError;
            home.Isolation = Isolation;
            home.Sessions = sessions;
            Array.ForEach(created.Scheduler.Journal?.TakeNotices() ?? [], caller.WriteWarning);
            return created;
        }
        catch (JournalException e)
        {
            caller.Terminate(e, ErrorIds.JournalInvalid, ErrorCategory.OpenError, options.JournalPath);
            throw;
        }
        catch (IOException e)
        {
            caller.Terminate(
                new IOException("-LogPath '" + options.LogPath + "' cannot be written, and must name a file that can: " + e.Message, e), ErrorIds.LogPathInvalid, ErrorCategory.OpenError, options.LogPath);
            throw;
        }
        catch (InvalidOperationException e)
        {
            caller.Terminate(e, ErrorIds.DispatcherExists, ErrorCategory.ResourceExists, Name);
            throw;
        }
    }

    private SessionSettings CreateSessionSettings(WorkerSettings workers) => new()
    {
        Workers = workers,
        MaxTasksPerWorker = MaxTasksPerWorker,
        WorkersPerHost = Sessions.WorkersPerHost,
        HostFailure = Sessions.HostFailure,
        PingInterval = Sessions.PingInterval,
        Prefetch = Sessions.Prefetch,
    };

    private void CheckLogInput(PSCmdlet caller)
    {
        if (LogPath is null && JournalPath is null && caller.MyInvocation.BoundParameters.TryGetValue(nameof(LogInput), out object? input))
        {
            caller.RefuseWithoutEffect("-LogInput says what log and journal tell of the items, and without -LogPath and -JournalPath there is neither. Give -LogPath a file, or leave out -LogInput.", input);
        }
    }

    private void CheckJournal(PSCmdlet caller)
    {
        foreach (string name in new[] { nameof(JournalOutput), nameof(JournalOutputLimit) })
        {
            if (JournalPath is null && caller.MyInvocation.BoundParameters.TryGetValue(name, out object? value))
            {
                caller.RefuseWithoutEffect("-" + name + " says what the journal keeps, and without -JournalPath there is none. Give -JournalPath a folder, or leave out -" + name + ".", value);
            }
        }

        if (JournalOutput == JournalOutput.None && caller.MyInvocation.BoundParameters.TryGetValue(nameof(JournalOutputLimit), out object? limit))
        {
            caller.RefuseWithoutEffect("-JournalOutputLimit says how large an output the journal keeps, and with -JournalOutput None it keeps none. Leave out one of the two.", limit);
        }
    }

    private void CheckFailureAction(PSCmdlet caller)
    {
        if (MaxFailures is null && caller.MyInvocation.BoundParameters.TryGetValue(nameof(FailureAction), out object? action))
        {
            caller.RefuseWithoutEffect("-FailureAction says what to stop after too many failures, and without -MaxFailures there are never too many. Give -MaxFailures a number or a percentage, or leave out -FailureAction.", action);
        }
    }

    /// <summary>A minimum above the default of the maximum raises it; above one that was given, it is an error.</summary>
    private int GetMaxWorkers(PSCmdlet caller)
    {
        if (MaxWorkers < MinWorkers && caller.MyInvocation.BoundParameters.ContainsKey(nameof(MaxWorkers)))
        {
            caller.Terminate(
                new PSArgumentException("MaxWorkers is " + MaxWorkers + " and must be at least MinWorkers, which is " + MinWorkers + "."),
                ErrorIds.InvalidWorkerCount,
                ErrorCategory.InvalidArgument,
                MaxWorkers);
        }

        return Math.Max(MaxWorkers, MinWorkers);
    }

    private WorkerSettings BuildSettings(PSCmdlet caller)
    {
        try
        {
            return WorkerSettingsBuilder.Build(caller, this);
        }
        catch (RuntimeException e) when (e is not PipelineStoppedException)
        {
            caller.Terminate(e, ErrorIds.WorkerSettingsInvalid, target: null);
            throw;
        }
    }

    private string? ResolveJournalPath(PSCmdlet caller)
    {
        try
        {
            return JournalPath is null ? null : JournalFolder.Resolve(caller.SessionState, JournalPath);
        }
        catch (JournalException e)
        {
            caller.Terminate(e, ErrorIds.JournalInvalid, ErrorCategory.InvalidArgument, JournalPath);
            throw;
        }
    }

    private string? ResolveLogPath(PSCmdlet caller)
    {
        try
        {
            return LogPath is null ? null : new TaskFile(LogPath).GetPath(caller.SessionState, item: null);
        }
        catch (RuntimeException e) when (e is not PipelineStoppedException)
        {
            caller.Terminate(new PSArgumentException(e.Message, e), ErrorIds.LogPathInvalid, ErrorCategory.InvalidArgument, LogPath);
            throw;
        }
    }
}
