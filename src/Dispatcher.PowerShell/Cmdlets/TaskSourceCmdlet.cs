using System;
using System.Collections;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>A cmdlet that makes tasks of a script block or an executable: one, or one for each item of the pipeline.</summary>
public abstract partial class TaskSourceCmdlet : DispatcherCmdlet
{
    private protected const string ScriptBlockSet = "ScriptBlock";
    private protected const string FilePathSet = "FilePath";

    private TaskOptions _options = TaskOptions.Default;
    private Func<object?, IDispatchable>? _createBody;

    /// <summary>What to run, with the item in <c>$_</c>.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ScriptBlockSet)]
    [ValidateNotNull]
    [BlockArgument]
    public ScriptBlock? ScriptBlock { get; set; }

    /// <summary>The executable to run: a path, or a name that is looked up as for a command.</summary>
    [Parameter(Mandatory = true, ParameterSetName = FilePathSet)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ProgramCompleter))]
    public string? FilePath { get; set; }

    /// <summary>
    /// The arguments of the block, or of the executable, which gets them exactly as they are. For an executable this can be
    /// one script block that makes the arguments of each item, which it finds in <c>$_</c>.
    /// </summary>
    [Parameter(Position = 1)]
    [Alias("Args")]
    [AllowEmptyCollection]
    public object[]? ArgumentList { get; set; }

    /// <summary>The arguments of the block by name, as for splatting.</summary>
    [Parameter(ParameterSetName = ScriptBlockSet)]
    [ValidateNotNull]
    public Hashtable? Parameter { get; set; }

    /// <summary>The item to work on. From the pipeline, each item is a task; given by name, a collection is one item.</summary>
    [Parameter(ValueFromPipeline = true)]
    [AllowNull]
    public object? InputObject { get; set; }

    /// <summary>A name for the tasks, or a script block that makes the name of each item, which it finds in <c>$_</c>; default "Task" and the id.</summary>
    [Parameter]
    [ValidateNotNull]
    [TaskNameArgument]
    public TaskName? Name { get; set; }

    /// <summary>How long each attempt may run; default the dispatcher's TaskTimeout, and no limit for Invoke-DispatchTask on a dispatcher of its own.</summary>
    [Parameter]
    [Duration(DurationKind.Limit)]
    public TimeSpan Timeout { get; set; }

    /// <summary>How many more attempts a task has that fails or times out: 0 (default) or more.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int Retry { get; set; }

    /// <summary>How long to wait before the next attempt; default none.</summary>
    [Parameter]
    [Duration(DurationKind.Delay)]
    public TimeSpan RetryDelay { get; set; }

    /// <summary>What a job shows as its command, as other jobs do: the text of the block.</summary>
    private protected string JobCommand => ScriptBlock?.ToString() ?? FilePath ?? string.Empty;

    private protected bool IsBound(string parameter) => MyInvocation.BoundParameters.ContainsKey(parameter);

    /// <summary>Ends the cmdlet where a parameter would do nothing.</summary>
    private protected void CheckRetry()
    {
        if (IsBound(nameof(RetryDelay)) && !IsBound(nameof(Retry)))
        {
            RefuseWithoutEffect("-RetryDelay says how long to wait before another attempt, and without -Retry there is none. Give -Retry the number of further attempts, or leave out -RetryDelay.", RetryDelay);
        }
    }

    /// <summary>Takes what all tasks have in common. Unusable parameters end the cmdlet.</summary>
    private protected void PrepareTasks(Dispatcher dispatcher)
    {
        _options = new TaskOptions
        {
            Name = Name?.Text,
            Timeout = IsBound(nameof(Timeout)) ? Timeout : null,
            Retries = Retry,
            RetryDelay = RetryDelay,
        };
        _createBody = ScriptBlock is { } block ? PrepareBlock(block, dispatcher) : PrepareExecutable();
    }

    /// <summary>Makes the task of an item; <see langword="null"/>, and an error, if its arguments cannot be made.</summary>
    private protected PSDispatchTask? CreateTask(object? item)
    {
        try
        {
            return _createBody is { } createBody ? new PSDispatchTask(createBody(item), GetOptions(item), item) : null;
        }
        catch (ItemValueException e)
        {
            var error = new ErrorRecord(e, e.ErrorId, ErrorCategory.InvalidArgument, item);
            if (string.Equals(e.ErrorId, ErrorIds.FileForSeveralItems, StringComparison.Ordinal))
            {
                // No later item can do without it either.
                ThrowTerminatingError(error);
            }

            WriteError(error);
            return null;
        }
        catch (RuntimeException e) when (e is not PipelineStoppedException)
        {
            WriteError(new ErrorRecord(e, e is BoundScriptBlockException ? ErrorIds.ScriptBlockIsBound : ErrorIds.ArgumentBlockFailed, ErrorCategory.InvalidArgument, item));
            return null;
        }
    }

    /// <summary>Sends a task, and waits for room in the queue where that is how the dispatcher works. Not accepted is an error.</summary>
    private protected bool TrySend(Dispatcher dispatcher, DispatchTask task)
    {
        try
        {
            if (Block(token => dispatcher.Send(task, token)))
            {
                return true;
            }
        }
        catch (ObjectDisposedException)
        {
            ThrowTerminatingError(Removed(dispatcher));
        }
        catch (InvalidOperationException e)
        {
            Terminate(e, ErrorIds.QueueFullNotRunning, ErrorCategory.InvalidOperation, dispatcher);
        }

        WriteError(new ErrorRecord(
            new InvalidOperationException("The queue of dispatcher '" + dispatcher.Name + "' is full (" + dispatcher.MaxBufferedTasks + " tasks), and its QueueFullMode is Reject: the task was not accepted. Send it again later, or make the queue larger with Set-Dispatcher -QueueSize."),
            ErrorIds.QueueFull,
            ErrorCategory.LimitsExceeded,
            task.InputObject ?? task));
        return false;
    }

    private TaskOptions GetOptions(object? item) => Name is { Text: null } own ? _options.WithName(own.For(item)) : _options;

    private Func<object?, IDispatchable> PrepareBlock(ScriptBlock block, Dispatcher dispatcher)
    {
        PSLanguageMode mode = LanguageModes.Strictest(SessionState.LanguageMode, LanguageModes.Of(block));
        PSLanguageMode? workers = SessionDispatchers.GetHome(dispatcher)?.LanguageMode;
        if (workers is not { } given || LanguageModes.IsStricter(mode, given))
        {
            Terminate(
                new InvalidOperationException("This session, or the block, is in " + mode + " mode, and dispatcher '" + dispatcher.Name + "' runs script blocks in " + (workers?.ToString() ?? "no")
                    + " mode: the block would gain rights. Create a dispatcher in this session with New-Dispatcher."),
                ErrorIds.LanguageModeMismatch,
                ErrorCategory.PermissionDenied,
                dispatcher);
        }

        try
        {
            var body = new ScriptBlockTask(
                block,
                ArgumentList is { Length: > 0 } ? Array.ConvertAll(ArgumentList, value => CapturedScriptBlock.Carry(value, "An argument")) : null,
                Parameter is null ? null : CarryAll(Parameter),
                hasItem: MyInvocation.ExpectingInput || IsBound(nameof(InputObject)),
                SessionState.Path.CurrentFileSystemLocation.ProviderPath,
                UsingCapture.Capture(block, this));
            return item =>
            {
                // A block that cannot be made anew for a worker is refused here, where the caller is.
                _ = CapturedScriptBlock.Carry(item, "The input object");
                return body;
            };
        }
        catch (RuntimeException e) when (e is not PipelineStoppedException)
        {
            Terminate(e, ErrorIds.UsingVariableIsUndefined, block);
            throw;
        }
    }

    private Hashtable CarryAll(Hashtable parameters)
    {
        var carried = new Hashtable(parameters.Count, StringComparer.OrdinalIgnoreCase);
        foreach (DictionaryEntry entry in parameters)
        {
            string name = LanguagePrimitives.ConvertTo<string>(entry.Key);
            if (ParameterNames.Find(carried.Keys, name) is { } problem)
            {
                Terminate(new PSArgumentException("-Parameter " + problem), ErrorIds.ParameterNameInvalid, ErrorCategory.InvalidArgument, parameters);
            }

            carried.Add(name, CapturedScriptBlock.Carry(entry.Value, "Parameter '" + name + "'"));
        }

        return carried;
    }
}
