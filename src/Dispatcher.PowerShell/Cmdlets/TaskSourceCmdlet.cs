using System;
using System.Collections;
using System.Collections.Generic;
using System.Management.Automation;
using System.Text;

namespace Dispatching.PowerShell;

/// <summary>A cmdlet that makes tasks of a script block or an executable: one, or one for each item of the pipeline.</summary>
public abstract class TaskSourceCmdlet : DispatcherLookupCmdlet
{
    private protected const string ScriptBlockSet = "ScriptBlock";
    private protected const string FilePathSet = "FilePath";

    private static readonly string[] s_retryParameters =
        [nameof(RetryDelay), nameof(RetryBackoff), nameof(RetryMaxDelay), nameof(RetryJitter), nameof(RetryOn)];

    private static readonly string[] s_keyParameters =
        [nameof(WorkingDirectory), nameof(Environment), nameof(StandardInput), nameof(Raw), nameof(AsByteStream), nameof(OutputFile), nameof(ErrorFile), nameof(Append), nameof(Encoding), nameof(ErrorStream)];

    private readonly ExecutableParameters _executable = new();
    private List<object?>? _batch;

    /// <summary>What to run, with the item in <c>$_</c>.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ScriptBlockSet)]
    [ValidateNotNull]
    [BlockArgument]
    public ScriptBlock? ScriptBlock { get; set; }

    /// <summary>The executable to run: a path, or a name that is looked up as for a command.</summary>
    [Parameter(Mandatory = true, ParameterSetName = FilePathSet)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ProgramCompleter))]
    public string? FilePath { get => _executable.FilePath; set => _executable.FilePath = value; }

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
    [ItemText("name")]
    public ItemText? Name { get; set; }

    /// <summary>How long each attempt may run; default the dispatcher's TaskTimeout, and no timeout for Invoke-DispatchTask on a dispatcher of its own.</summary>
    [Parameter]
    [Alias("TaskTimeout")]
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

    /// <summary>How the waits between attempts grow from -RetryDelay: Constant (default), Linear or Exponential.</summary>
    [Parameter]
    [EnumValue(typeof(RetryBackoff))]
    public RetryBackoff RetryBackoff { get; set; }

    /// <summary>The longest wait between two attempts; default no bound.</summary>
    [Parameter]
    [Duration(DurationKind.Delay)]
    public TimeSpan RetryMaxDelay { get; set; }

    /// <summary>Draw each wait from 50 to 100 % of what it would be.</summary>
    [Parameter]
    public SwitchParameter RetryJitter { get; set; }

    /// <summary>
    /// Which errors are worth another attempt: exit codes or HTTP status codes, names of exception types, error ids with
    /// wildcards, TimedOut, or a script block that gets the error in <c>$_</c>. Default all of them, timeouts included.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public object[]? RetryOn { get; set; }

    /// <summary>Set $ErrorActionPreference to Stop in the block, and have a task that writes an error be Failed. Default what New-Dispatcher -FailOnError says.</summary>
    [Parameter(ParameterSetName = ScriptBlockSet)]
    public SwitchParameter FailOnError { get; set; }

    /// <summary>Which pending tasks start first: higher numbers, and of equals those sent first; default 0.</summary>
    [Parameter]
    public int Priority { get; set; }

    /// <summary>The tasks that have to end before these start, of any dispatcher of this process.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public DispatchTask[]? DependsOn { get; set; }

    /// <summary>Whether those have to complete (Completed, the default), or to end in any way (Ended).</summary>
    [Parameter]
    [EnumValue(typeof(DependencyMode))]
    public DependencyMode DependencyMode { get; set; }

    /// <summary>How long to wait before the first attempt, from when the task is sent; default none.</summary>
    [Parameter]
    [Duration(DurationKind.Delay)]
    public TimeSpan Delay { get; set; }

    /// <summary>The date and time before which the tasks do not start; default none.</summary>
    [Parameter]
    public DateTime NotBefore { get; set; }

    /// <summary>The group that the tasks belong to, for -GroupLimit, or a script block that makes that of each item, which it finds in <c>$_</c>.</summary>
    [Parameter]
    [ValidateNotNull]
    [ItemText("group")]
    public ItemText? Group { get; set; }

    /// <summary>
    /// Who each task is in the journal of its dispatcher: the name of a property of the items, or a script block that makes
    /// the key of each item, which it finds in <c>$_</c>; without items from the pipeline, a text. Default a hash of the block, or the
    /// program, with its arguments and the item.
    /// </summary>
    [Parameter]
    [ValidateNotNull]
    [ItemText("key")]
    public ItemText? Key { get; set; }

    /// <summary>Make one task of so many items of the pipeline, which finds them as an array in <c>$_</c>: 1 or more; default one task for each item.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int BatchSize { get; set; }

    /// <summary>The folder in which the executable runs; default the current one of the file system.</summary>
    [Parameter(ParameterSetName = FilePathSet)]
    [ValidateNotNullOrEmpty]
    public string? WorkingDirectory { get => _executable.WorkingDirectory; set => _executable.WorkingDirectory = value; }

    /// <summary>Variables added to the environment of the executable; $null removes one.</summary>
    [Parameter(ParameterSetName = FilePathSet)]
    [ValidateNotNull]
    public Hashtable? Environment { get => _executable.Environment; set => _executable.Environment = value; }

    /// <summary>
    /// What the executable reads from its standard input: a string as it is, an array as lines, bytes, or a file (from
    /// Get-Item); or a script block that makes one of these of each item, which it finds in <c>$_</c>. Default: nothing.
    /// </summary>
    [Parameter(ParameterSetName = FilePathSet)]
    [ValidateNotNull]
    public object? StandardInput { get => _executable.StandardInput; set => _executable.StandardInput = value; }

    /// <summary>Make one string of the whole output, and not one of each line.</summary>
    [Parameter(ParameterSetName = FilePathSet)]
    public SwitchParameter Raw { get => _executable.Raw; set => _executable.Raw = value; }

    /// <summary>Make one array of bytes of the whole output, untouched.</summary>
    [Parameter(ParameterSetName = FilePathSet)]
    public SwitchParameter AsByteStream { get => _executable.AsByteStream; set => _executable.AsByteStream = value; }

    /// <summary>A file for the output, or a script block that makes its path of each item. The file gets the bytes untouched.</summary>
    [Parameter(ParameterSetName = FilePathSet)]
    [ValidateNotNull]
    public TaskFile? OutputFile { get => _executable.OutputFile; set => _executable.OutputFile = value; }

    /// <summary>A file for the standard error, in the same way; may be the same as -OutputFile.</summary>
    [Parameter(ParameterSetName = FilePathSet)]
    [ValidateNotNull]
    public TaskFile? ErrorFile { get => _executable.ErrorFile; set => _executable.ErrorFile = value; }

    /// <summary>Add to -OutputFile and -ErrorFile, and do not replace them.</summary>
    [Parameter(ParameterSetName = FilePathSet)]
    public SwitchParameter Append { get => _executable.Append; set => _executable.Append = value; }

    /// <summary>The encoding of input, output and standard error: a name, the number of a code page, or an Encoding. Default utf8, without a byte order mark.</summary>
    [Parameter(ParameterSetName = FilePathSet)]
    [ValidateNotNull]
    [EncodingTransformation]
    [ArgumentCompleter(typeof(EncodingCompleter))]
    public Encoding Encoding { get => _executable.Encoding; set => _executable.Encoding = value; }

    /// <summary>Write the lines of standard error as error records, as they come. Without it, they are a log of the task; when it fails, the last of them end its error.</summary>
    [Parameter(ParameterSetName = FilePathSet)]
    public SwitchParameter ErrorStream { get => _executable.ErrorStream; set => _executable.ErrorStream = value; }

    /// <summary>The exit codes that mean success; default 0.</summary>
    [Parameter(ParameterSetName = FilePathSet)]
    [ValidateNotNullOrEmpty]
    public int[] SuccessExitCode { get => _executable.SuccessExitCode; set => _executable.SuccessExitCode = value; }

    /// <summary>Leave alone what the executable has started and left running when it ended by itself, such as a daemon.</summary>
    [Parameter(ParameterSetName = FilePathSet)]
    public SwitchParameter KeepChildren { get => _executable.KeepChildren; set => _executable.KeepChildren = value; }

    /// <summary>Ends the cmdlet where a parameter would do nothing.</summary>
    private protected void CheckParameters()
    {
        foreach (string parameter in s_retryParameters)
        {
            if (IsBound(parameter) && !IsBound(nameof(Retry)))
            {
                this.RefuseWithoutEffect("-" + parameter + " says how or when to try a task again, and without -Retry it is not tried again. Give -Retry the number of further attempts, or leave out -" + parameter + ".", MyInvocation.BoundParameters[parameter]);
            }
        }

        if (IsBound(nameof(DependencyMode)) && !IsBound(nameof(DependsOn)))
        {
            this.RefuseWithoutEffect("-DependencyMode says how the tasks of -DependsOn have to end. Give -DependsOn the tasks to wait for, or leave out -DependencyMode.", DependencyMode);
        }

        if (IsBound(nameof(BatchSize)) && !MyInvocation.ExpectingInput)
        {
            this.RefuseWithoutEffect("-BatchSize makes one task of several items of the pipeline, and nothing is piped. Pipe the items to the command, or leave out -BatchSize.", BatchSize);
        }

        if (IsBound(nameof(BatchSize)))
        {
            _batch = new List<object?>();
        }
    }

    /// <summary>Takes an item of the pipeline. Returns whether there is a task to make, of what it gives back: the item, or a batch of them.</summary>
    private protected bool TryTakeItem(out object? item)
    {
        item = InputObject;
        if (_batch is null)
        {
            return true;
        }

        _batch.Add(InputObject);
        return _batch.Count >= BatchSize && TryTakeRest(out item);
    }

    /// <summary>At the end of the input: takes what is left for a last, smaller batch.</summary>
    private protected bool TryTakeRest(out object? item)
    {
        item = null;
        if (_batch is not { Count: > 0 } batch)
        {
            return false;
        }

        item = batch.ToArray();
        batch.Clear();
        return true;
    }

    /// <summary>Looks up, once for the call, whether to run anything: -WhatIf tells what would run, -Confirm asks.</summary>
    /// <param name="where">Where the tasks would run.</param>
    /// <param name="dryRun">What takes the tasks instead of a dispatcher; with a refusal, nothing does.</param>
    private protected bool IsDryRun(string where, out ITaskRun? dryRun)
    {
        dryRun = null;
        bool isWhatIf = MyInvocation.BoundParameters.TryGetValue("WhatIf", out object? whatIf)
            ? LanguagePrimitives.IsTrue(whatIf)
            : LanguagePrimitives.IsTrue(GetVariableValue("WhatIfPreference"));
        if (isWhatIf)
        {
            dryRun = new DryRun(this, where, ScriptBlock);
            return true;
        }

        bool asks = MyInvocation.BoundParameters.TryGetValue("Confirm", out object? confirm)
            ? LanguagePrimitives.IsTrue(confirm)
            : GetVariableValue("ConfirmPreference") is ConfirmImpact and not ConfirmImpact.None and <= ConfirmImpact.Medium;
        if (!asks)
        {
            return false;
        }

        string action = "Run tasks " + where + ": " + (FilePath ?? "{ " + ScriptBlock?.ToString().Trim() + " }");
        return !ShouldProcess(action, action, "Confirm");
    }

    /// <summary>Takes what all tasks have in common. Unusable parameters end the cmdlet.</summary>
    private protected TaskFactory CreateTaskFactory(Dispatcher? dispatcher)
    {
        var options = new TaskOptions
        {
            Name = Name?.Text,
            Timeout = IsBound(nameof(Timeout)) ? Timeout : null,
            Retries = Retry,
            RetryDelay = RetryDelay,
            RetryBackoff = RetryBackoff,
            RetryMaxDelay = IsBound(nameof(RetryMaxDelay)) ? RetryMaxDelay : null,
            RetryJitter = RetryJitter,
            RetryRule = Retry > 0 ? RetryRule.Create(this, RetryOn, hasSession: FilePath is null, dispatcher?.Scheduler.Clock ?? Clock.System) : null,
            Priority = Priority,
            DependsOn = DependsOn ?? [],
            DependencyMode = DependencyMode,
            Delay = Delay,
            NotBefore = IsBound(nameof(NotBefore)) ? new DateTimeOffset(NotBefore) : null,
            Group = Group?.Text,
            HostName = PinnedHost,
        };
        bool failOnError = IsBound(nameof(FailOnError)) ? FailOnError : dispatcher is not null && SessionDispatchers.GetHome(dispatcher)?.FailOnError == true;
        bool hasItem = MyInvocation.ExpectingInput || IsBound(nameof(InputObject));
        ITaskBodySource bodies = ScriptBlock is { } block
            ? ScriptBlockSource.Create(this, dispatcher, block, ArgumentList, Parameter, hasItem, failOnError)
            : _executable.CreateSource(this, ArgumentList, RunsElsewhere(dispatcher));
        return new TaskFactory(this, bodies, options, Name, Group, CreateKeys(dispatcher));
    }

    /// <summary>The host that the tasks are pinned to; <see langword="null"/> for none.</summary>
    private protected virtual string? PinnedHost => null;

    /// <summary>Whether the tasks run on other hosts, so that paths are theirs.</summary>
    private protected virtual bool RunsElsewhere(Dispatcher? dispatcher) => dispatcher is not null && SessionDispatchers.GetHome(dispatcher)?.Sessions is not null;

    private TaskKeys? CreateKeys(Dispatcher? dispatcher)
    {
        if (dispatcher is not null && dispatcher.Scheduler.Journal is null && Key is not null)
        {
            this.RefuseWithoutEffect("-Key says who a task is in a journal, and this dispatcher has none. Give -JournalPath a folder, with New-Dispatcher or Invoke-DispatchTask, or leave out -Key.", Key);
        }

        return dispatcher?.Scheduler.Journal is null
            ? null
            : TaskKeys.Create(this, Key, ScriptBlock is { } block ? CodeText.Of(block.ToString()) : "& " + FilePath, ArgumentList, Parameter, GetKeyParameters(), _batch is not null);
    }

    /// <summary>What else decides what an executable does or gives, beside its arguments.</summary>
    private IEnumerable<(string Name, object? Value)> GetKeyParameters()
    {
        foreach (string name in s_keyParameters)
        {
            if (MyInvocation.BoundParameters.TryGetValue(name, out object? value))
            {
                yield return (name, value is Encoding encoding ? encoding.WebName : value is TaskFile or SwitchParameter ? value.ToString() : value);
            }
        }
    }

    /// <summary>Makes a job for the tasks. It shows the text of the block as its command, as other jobs do.</summary>
    private protected DispatchJob CreateJob(Dispatcher? ownDispatcher, bool ordered, bool tag) =>
        new(ScriptBlock?.ToString() ?? FilePath ?? string.Empty, Name?.Text, ownDispatcher, ordered, tag);

    private bool IsBound(string parameter) => MyInvocation.BoundParameters.ContainsKey(parameter);
}
