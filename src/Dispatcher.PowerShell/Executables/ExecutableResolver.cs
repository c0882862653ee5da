using System;
using System.IO;
using System.Management.Automation;
using System.Runtime.InteropServices;

namespace Dispatching.PowerShell;

/// <summary>Finds an executable as the engine finds a command.</summary>
internal static class ExecutableResolver
{
    private const CommandTypes InsideTheEngine =
        CommandTypes.ExternalScript | CommandTypes.Cmdlet | CommandTypes.Function | CommandTypes.Filter | CommandTypes.Alias;

    /// <summary>The path of the executable. One that is not there, or is none, ends the cmdlet.</summary>
    /// <exception cref="RuntimeException">The path cannot be used.</exception>
    internal static string Resolve(PSCmdlet caller, string filePath)
    {
        bool isPath = filePath.IndexOfAny(['/', '\\']) >= 0;
        string path = isPath || ProgramCheck.HasNull(filePath) ? SessionPath.Resolve(caller.SessionState, filePath, "FilePath") : filePath;
        CommandInfo? found = isPath && File.Exists(path) ? null : Find(caller, path, CommandTypes.Application);
        string resolved = (found as ApplicationInfo)?.Path ?? path;
        bool isThere = found is not null || (isPath && File.Exists(path));
        string? inside = isThere ? DescribeScript(resolved) : Find(caller, path, InsideTheEngine) is { } other ? Describe(other.CommandType) : null;
        if (inside is not null)
        {
            caller.Terminate(
                new InvalidOperationException("'" + filePath + "' is " + inside + ", not an executable. Send it as a script block instead: { & '" + filePath.Replace("'", "''") + "' }."),
                ErrorIds.ExecutableIsScript,
                ErrorCategory.InvalidArgument,
                filePath);
        }

        if (!isThere)
        {
            caller.Terminate(
                new CommandNotFoundException(isPath
                    ? "There is no executable '" + path + "'. Give -FilePath the path of a program, or a name that is found in PATH."
                    : "There is no executable '" + filePath + "' in the folders of PATH. Give -FilePath a name that is found there, or the path of a program."),
                ErrorIds.ExecutableNotFound,
                ErrorCategory.ObjectNotFound,
                filePath);
        }

        return resolved;
    }

    private static CommandInfo? Find(PSCmdlet caller, string name, CommandTypes types) => caller.InvokeCommand.GetCommand(WildcardPattern.Escape(name), types);

    /// <summary>On Unix, a script is a program if its file may be executed: its first line names its shell.</summary>
    private static string? DescribeScript(string path)
    {
        bool isScript = path.EndsWith(".ps1", StringComparison.OrdinalIgnoreCase);
        return isScript && (RuntimeInformation.IsOSPlatform(OSPlatform.Windows) || !LinuxNative.IsExecutable(path)) ? Describe(CommandTypes.ExternalScript) : null;
    }

    private static string Describe(CommandTypes type) => type switch
    {
        CommandTypes.ExternalScript => "a PowerShell script",
        CommandTypes.Cmdlet => "a cmdlet",
        CommandTypes.Alias => "an alias",
        _ => "a function",
    };
}
