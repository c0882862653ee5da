using System;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>Paths of the file system, as PowerShell knows them.</summary>
internal static class FilePaths
{
    /// <summary>The full path. What is wrong with one that has none is told by the parameter that it was given for.</summary>
    /// <exception cref="RuntimeException">There is no such drive, or it is not one of the file system.</exception>
    internal static string Resolve(SessionState session, string parameter, string path)
    {
        try
        {
            string full = session.Path.GetUnresolvedProviderPathFromPSPath(path, out ProviderInfo provider, out _);
            return string.Equals(provider.Name, "FileSystem", StringComparison.OrdinalIgnoreCase)
                ? full
                : throw new RuntimeException("-" + parameter + " needs a path of the file system, and '" + path + "' is one of the provider " + provider.Name + ".");
        }
        catch (DriveNotFoundException e)
        {
            throw new RuntimeException("-" + parameter + " '" + path + "' begins with the drive '" + e.ItemName + ":', and there is none. Give a path of the file system; where the colon is part of a name, put ./ before it.", e);
        }
        catch (ProviderNotFoundException e)
        {
            throw new RuntimeException("-" + parameter + " '" + path + "' begins with the provider '" + e.ItemName + "::', and there is none. Give a path of the file system.", e);
        }
    }
}
