using System;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>The name of a variable as users write it: with a dollar sign or a scope, perhaps.</summary>
internal static class VariableName
{
    private const string Drive = "variable:";

    /// <summary>Finds a variable of the caller by its name; <see langword="null"/> if there is none.</summary>
    internal static PSVariable? Find(PSCmdlet caller, string name) => caller.SessionState.PSVariable.Get(WithoutDrive(name));

    /// <summary>Returns the name that a variable has in a worker, without the scope that it has in the session.</summary>
    /// <exception cref="CallerErrorException">There is no name, or it is that of something else than a variable.</exception>
    internal static string InWorker(string name)
    {
        string plain = WithoutDrive(name);
        int colon = plain.IndexOf(':');
        string bare = colon >= 0 && IsScope(plain.Substring(0, colon)) ? plain.Substring(colon + 1) : plain;
        return bare.Length > 0 && bare.IndexOf(':') < 0
            ? bare
            : throw new CallerErrorException(
                new PSArgumentException("-Variable: '" + name + "' is not the name of a variable. Give a name such as v, or a hashtable of names and values."),
                ErrorIds.WorkerSettingsInvalid,
                ErrorCategory.InvalidArgument,
                name);
    }

    private static string WithoutDrive(string name) => name.StartsWith(Drive, StringComparison.OrdinalIgnoreCase) ? name.Substring(Drive.Length) : name;

    private static bool IsScope(string prefix) =>
        Array.Exists(["global", "local", "private", "script"], scope => string.Equals(prefix, scope, StringComparison.OrdinalIgnoreCase));
}
