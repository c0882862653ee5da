using System;
using System.Collections;
using System.Management.Automation;
using System.Text;

namespace Dispatching.PowerShell;

/// <summary>A cmdlet that makes tasks of a script block or an executable: one, or one for each item of the pipeline.</summary>
public abstract class TaskSourceCmdlet : DispatcherLookupCmdlet
{
    private protected const string ScriptBlockSet = "ScriptBlock";
    private protected const string FilePathSet = "FilePath";

    private readonly ExecutableParameters _executable = new();

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
    [TaskNameArgument]
    public TaskName? Name { get; set; }

    /// <summary>How long each attempt may run; default the dispatcher's TaskTimeout, and no timeout for Invoke-DispatchTask on a dispatcher of its own.</summary>
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
        if (IsBound(nameof(RetryDelay)) && !IsBound(nameof(Retry)))
        {
            this.RefuseWithoutEffect("-RetryDelay says how long to wait before another attempt, and without -Retry there is none. Give -Retry the number of further attempts, or leave out -RetryDelay.", RetryDelay);
        }
    }

    /// <summary>Takes what all tasks have in common. Unusable parameters end the cmdlet.</summary>
    private protected TaskFactory CreateTaskFactory(Dispatcher dispatcher)
    {
        var options = new TaskOptions
        {
            Name = Name?.Text,
            Timeout = IsBound(nameof(Timeout)) ? Timeout : null,
            Retries = Retry,
            RetryDelay = RetryDelay,
        };
        bool hasItem = MyInvocation.ExpectingInput || IsBound(nameof(InputObject));
        ITaskBodySource bodies = ScriptBlock is { } block
            ? ScriptBlockSource.Create(this, dispatcher, block, ArgumentList, Parameter, hasItem)
            : _executable.CreateSource(this, ArgumentList);
        return new TaskFactory(this, bodies, options, Name);
    }

    /// <summary>Makes a job for the tasks. It shows the text of the block as its command, as other jobs do.</summary>
    private protected DispatchJob CreateJob(Dispatcher? ownDispatcher, bool ordered, bool tag) =>
        new(ScriptBlock?.ToString() ?? FilePath ?? string.Empty, Name?.Text, ownDispatcher, ordered, tag);

    private bool IsBound(string parameter) => MyInvocation.BoundParameters.ContainsKey(parameter);
}
