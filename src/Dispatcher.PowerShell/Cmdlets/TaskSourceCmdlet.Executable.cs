using System;
using System.Collections;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Text;

namespace Dispatching.PowerShell;

/// <content>The parameters that are for executables.</content>
public abstract partial class TaskSourceCmdlet
{
    /// <summary>The folder in which the executable runs; default the current one of the file system.</summary>
    [Parameter(ParameterSetName = FilePathSet)]
    [ValidateNotNullOrEmpty]
    public string? WorkingDirectory { get; set; }

    /// <summary>Variables added to the environment of the executable; $null removes one.</summary>
    [Parameter(ParameterSetName = FilePathSet)]
    [ValidateNotNull]
    public Hashtable? Environment { get; set; }

    /// <summary>
    /// What the executable reads from its standard input: a string as it is, an array as lines, bytes, or a file (from
    /// Get-Item); or a script block that makes one of these of each item, which it finds in <c>$_</c>. Default: nothing.
    /// </summary>
    [Parameter(ParameterSetName = FilePathSet)]
    [ValidateNotNull]
    public object? StandardInput { get; set; }

    /// <summary>Make one string of the whole output, and not one of each line.</summary>
    [Parameter(ParameterSetName = FilePathSet)]
    public SwitchParameter Raw { get; set; }

    /// <summary>Make one array of bytes of the whole output, untouched.</summary>
    [Parameter(ParameterSetName = FilePathSet)]
    public SwitchParameter AsByteStream { get; set; }

    /// <summary>A file for the output, or a script block that makes its path of each item. The file gets the bytes untouched.</summary>
    [Parameter(ParameterSetName = FilePathSet)]
    [ValidateNotNull]
    public TaskFile? OutputFile { get; set; }

    /// <summary>A file for the standard error, in the same way; may be the same as -OutputFile.</summary>
    [Parameter(ParameterSetName = FilePathSet)]
    [ValidateNotNull]
    public TaskFile? ErrorFile { get; set; }

    /// <summary>Add to -OutputFile and -ErrorFile, and do not replace them.</summary>
    [Parameter(ParameterSetName = FilePathSet)]
    public SwitchParameter Append { get; set; }

    /// <summary>The encoding of input, output and standard error: a name, the number of a code page, or an Encoding. Default utf8, without a byte order mark.</summary>
    [Parameter(ParameterSetName = FilePathSet)]
    [ValidateNotNull]
    [EncodingTransformation]
    [ArgumentCompleter(typeof(EncodingCompleter))]
    public Encoding Encoding { get; set; } = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);

    /// <summary>Write the lines of standard error as error records, as they come. Without it, they are a log of the task; when it fails, the last of them end its error.</summary>
    [Parameter(ParameterSetName = FilePathSet)]
    public SwitchParameter ErrorStream { get; set; }

    /// <summary>The exit codes that mean success; default 0.</summary>
    [Parameter(ParameterSetName = FilePathSet)]
    [ValidateNotNullOrEmpty]
    public int[] SuccessExitCode { get; set; } = [0];

    /// <summary>Leave alone what the executable has started and left running when it ended by itself, such as a daemon.</summary>
    [Parameter(ParameterSetName = FilePathSet)]
    public SwitchParameter KeepChildren { get; set; }

    private Func<object?, IDispatchable> PrepareExecutable()
    {
        CheckOutput();
        string path = Usable(FilePath, ErrorIds.PathInvalid, () => ExecutableResolver.Resolve(this, FilePath ?? string.Empty, (e, id, category) => Terminate(e, id, category, FilePath)));
        var options = new ExecutableOptions
        {
            WorkingDirectory = GetFolder(),
            Environment = Usable(Environment, ErrorIds.EnvironmentInvalid, () => Environment?.Cast<DictionaryEntry>().Select(ExecutableArguments.ToVariable).ToArray(), "-Environment cannot be used: "),
            SuccessExitCodes = SuccessExitCode,
            Encoding = Encoding,
            Output = AsByteStream ? ExecutableOutput.Bytes : Raw ? ExecutableOutput.Text : ExecutableOutput.Lines,
            Append = Append,
            StandardErrorIsError = ErrorStream,
            KeepChildren = KeepChildren,
        };
        var source = new ExecutableSource(path, options, SessionState)
        {
            Arguments = ArgumentList ?? [],
            StandardInput = StandardInput,
            OutputFile = OutputFile,
            ErrorFile = ErrorFile,
        };
        try
        {
            source.Prepare();
        }
        catch (RuntimeException e) when (e is not PipelineStoppedException)
        {
            // What is no value of an item is a path that is the same for all.
            Terminate(e, (e as ItemValueException)?.ErrorId ?? ErrorIds.PathInvalid, ErrorCategory.InvalidArgument, FilePath);
        }

        return source.Create;
    }

    /// <summary>A parameter that cannot be used ends the cmdlet.</summary>
    private T Usable<T>(object? value, string errorId, Func<T> get, string start = "")
    {
        try
        {
            return get();
        }
        catch (RuntimeException e) when (e is not PipelineStoppedException)
        {
            Terminate(start.Length == 0 ? e : new PSArgumentException(start + e.Message, e), errorId, ErrorCategory.InvalidArgument, value);
            throw;
        }
    }

    private void CheckOutput()
    {
        if ((Raw ? 1 : 0) + (AsByteStream ? 1 : 0) + (OutputFile is null ? 0 : 1) > 1)
        {
            Terminate(
                new PSArgumentException("The output takes one form: give only one of -Raw, -AsByteStream and -OutputFile."), ErrorIds.ConflictingOutput, ErrorCategory.InvalidArgument, FilePath);
        }

        if (Append && OutputFile is null && ErrorFile is null)
        {
            Terminate(
                new PSArgumentException("-Append adds to a file, and there is none: give -OutputFile or -ErrorFile as well, or leave out -Append."), ErrorIds.AppendNeedsFile, ErrorCategory.InvalidArgument, FilePath);
        }

        if (ErrorStream && ErrorFile is not null)
        {
            Terminate(
                new PSArgumentException("Standard error goes to one place: give only one of -ErrorStream and -ErrorFile."), ErrorIds.ConflictingOutput, ErrorCategory.InvalidArgument, FilePath);
        }
    }

    private string GetFolder()
    {
        string folder = WorkingDirectory is null
            ? SessionState.Path.CurrentFileSystemLocation.ProviderPath
            : Usable(WorkingDirectory, ErrorIds.PathInvalid, () => SessionPath.Resolve(SessionState, WorkingDirectory, nameof(WorkingDirectory)));
        if (!Directory.Exists(folder))
        {
            Terminate(
                new ItemNotFoundException("WorkingDirectory '" + folder + "' is not a folder that exists."),
                ErrorIds.WorkingDirectoryNotFound,
                ErrorCategory.ObjectNotFound,
                WorkingDirectory);
        }

        return folder;
    }
}
