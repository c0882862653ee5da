using System;
using System.Collections;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Text;

namespace Dispatching.PowerShell;

/// <summary>The parameters of an executable, as cmdlets take them. What cannot be used ends the cmdlet.</summary>
internal sealed class ExecutableParameters
{
    internal string? FilePath { get; set; }

    internal string? WorkingDirectory { get; set; }

    internal Hashtable? Environment { get; set; }

    internal object? StandardInput { get; set; }

    internal SwitchParameter Raw { get; set; }

    internal SwitchParameter AsByteStream { get; set; }

    internal TaskFile? OutputFile { get; set; }

    internal TaskFile? ErrorFile { get; set; }

    internal SwitchParameter Append { get; set; }

    /// <summary>Default UTF-8 without a byte order mark, which programs do not expect.</summary>
    internal Encoding Encoding { get; set; } = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);

    internal SwitchParameter ErrorStream { get; set; }

    internal int[] SuccessExitCode { get; set; } = [0];

    internal SwitchParameter KeepChildren { get; set; }

    /// <summary>Finds the executable, and takes what is the same for all items.</summary>
    /// <param name="caller">Ends where something cannot be used.</param>
    /// <param name="arguments">The arguments, or a block that makes them.</param>
    /// <param name="isElsewhere">Whether it runs on another machine, so that its paths are looked up there.</param>
    internal ExecutableSource CreateSource(PSCmdlet caller, object[]? arguments, bool isElsewhere)
    {
        CheckOutput(caller);
        string path = isElsewhere ? FilePath ?? string.Empty : Usable(caller, FilePath, ErrorIds.PathInvalid, () => ExecutableResolver.Resolve(caller, FilePath ?? string.Empty));
        var options = new ExecutableOptions
        {
            WorkingDirectory = isElsewhere ? WorkingDirectory : GetFolder(caller),
            Environment = Usable(caller, Environment, ErrorIds.EnvironmentInvalid, () => Environment?.Cast<DictionaryEntry>().Select(ExecutableArguments.ToVariable).ToArray(), "-Environment cannot be used: "),
            SuccessExitCodes = SuccessExitCode,
            Encoding = Encoding,
            Output = AsByteStream ? ExecutableOutput.Bytes : Raw ? ExecutableOutput.Text : ExecutableOutput.Lines,
            Append = Append,
            StandardErrorIsError = ErrorStream,
            KeepChildren = KeepChildren,
        };
        var source = new ExecutableSource(path, options, caller.SessionState)
        {
            Arguments = arguments ?? [],
            StandardInput = StandardInput,
            OutputFile = OutputFile,
            ErrorFile = ErrorFile,
            IsElsewhere = isElsewhere,
        };
        try
        {
            source.Prepare();
        }
        catch (RuntimeException e) when (e is not PipelineStoppedException)
        {
            // What is not the value of an item is a path that is the same for all.
            caller.Terminate(e, (e as ItemValueException)?.ErrorId ?? ErrorIds.PathInvalid, ErrorCategory.InvalidArgument, FilePath);
        }

        return source;
    }

    private static T Usable<T>(Cmdlet caller, object? value, string errorId, Func<T> get, string start = "")
    {
        try
        {
            return get();
        }
        catch (RuntimeException e) when (e is not PipelineStoppedException)
        {
            caller.Terminate(start.Length == 0 ? e : new PSArgumentException(start + e.Message, e), errorId, ErrorCategory.InvalidArgument, value);
            throw;
        }
    }

    private void CheckOutput(Cmdlet caller)
    {
        if ((Raw ? 1 : 0) + (AsByteStream ? 1 : 0) + (OutputFile is null ? 0 : 1) > 1)
        {
            caller.Terminate(
                new PSArgumentException("The output takes one form: give only one of -Raw, -AsByteStream and -OutputFile."), ErrorIds.ConflictingOutput, ErrorCategory.InvalidArgument, FilePath);
        }

        if (Append && OutputFile is null && ErrorFile is null)
        {
            caller.Terminate(
                new PSArgumentException("-Append adds to a file, and there is none: give -OutputFile or -ErrorFile as well, or leave out -Append."), ErrorIds.AppendNeedsFile, ErrorCategory.InvalidArgument, FilePath);
        }

        if (ErrorStream && ErrorFile is not null)
        {
            caller.Terminate(
                new PSArgumentException("Standard error goes to one place: give only one of -ErrorStream and -ErrorFile."), ErrorIds.ConflictingOutput, ErrorCategory.InvalidArgument, FilePath);
        }
    }

    private string GetFolder(PSCmdlet caller)
    {
        string folder = WorkingDirectory is null
            ? caller.SessionState.Path.CurrentFileSystemLocation.ProviderPath
            : Usable(caller, WorkingDirectory, ErrorIds.PathInvalid, () => SessionPath.Resolve(caller.SessionState, WorkingDirectory, nameof(WorkingDirectory)));
        if (!Directory.Exists(folder))
        {
            caller.Terminate(
                new ItemNotFoundException("WorkingDirectory '" + folder + "' is not a folder that exists."),
                ErrorIds.WorkingDirectoryNotFound,
                ErrorCategory.ObjectNotFound,
                WorkingDirectory);
        }

        return folder;
    }
}
