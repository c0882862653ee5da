using System;
using System.IO;
using System.Linq;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>Finds an executable as the engine finds a command.</summary>
internal static class ExecutableResolver
{
    internal static string Resolve(PSCmdlet caller, string filePath, Action<Exception, string, ErrorCategory> terminate)
    {
        bool isPath = filePath.IndexOfAny(['/', '\\']) >= 0;
        string path = isPath ? caller.SessionState.Path.GetUnresolvedProviderPathFromPSPath(filePath) : filePath;
        CommandInfo? found = isPath && File.Exists(path)
            ? null
            : caller.InvokeCommand.GetCommand(WildcardPattern.Escape(path), CommandTypes.Application);
        string resolved = (found as ApplicationInfo)?.Path ?? path;
        if (resolved.EndsWith(".ps1", StringComparison.OrdinalIgnoreCase) && File.Exists(resolved))
        {
            terminate(
                new InvalidOperationException("'" + filePath + "' is a PowerShell script, not an executable. Send it as a script block instead: { & '" + filePath + "' }."),
                ErrorIds.ExecutableIsScript,
                ErrorCategory.InvalidArgument);
        }

        if (found is null && !File.Exists(path))
        {
            terminate(
                new CommandNotFoundException(isPath
                    ? "There is no executable '" + path + "'."
                    : "There is no executable '" + filePath + "' in the folders of PATH (" + Environment.GetEnvironmentVariable("PATH") + ")."),
                ErrorIds.ExecutableNotFound,
                ErrorCategory.ObjectNotFound);
        }

        return resolved;
    }
}
