using System;
using System.Management.Automation;
using System.Runtime.InteropServices;

namespace Dispatching.PowerShell;

/// <summary>Paths of the file system, as the session knows them.</summary>
internal static class SessionPath
{
    /// <summary>The full path of a file or folder, which need not exist.</summary>
    /// <exception cref="RuntimeException">It is no path of the file system; the message names the parameter, and what would be right.</exception>
    internal static string Resolve(SessionState session, string path, string parameter)
    {
        string start = "-" + parameter + " '" + path.Replace("\0", "`0") + "' ";
        if (ProgramCheck.HasNull(path))
        {
            throw new RuntimeException(start + "holds a null character, which no path can.");
        }

        string full;
        ProviderInfo provider;
        try
        {
            full = session.Path.GetUnresolvedProviderPathFromPSPath(path, out provider, out _);
        }
        catch (DriveNotFoundException e)
        {
            bool isWindows = RuntimeInformation.IsOSPlatform(OSPlatform.Windows);
            throw new RuntimeException(start + "names the drive '" + e.ItemName + ":', and there is none. Give a path of a drive that Get-PSDrive lists"
                + (isWindows ? "." : "; a name that holds a colon needs './' before it."), e);
        }
        catch (ProviderNotFoundException e)
        {
            throw new RuntimeException(start + "names the provider '" + e.ItemName + "::', and there is none. Give a path of the file system.", e);
        }
        catch (Exception e) when (e is ProviderInvocationException or ItemNotFoundException or NotSupportedException or ArgumentException or InvalidOperationException)
        {
            throw new RuntimeException(start + "is no path that can be used: " + e.Message, e);
        }

        return string.Equals(provider.Name, "FileSystem", StringComparison.OrdinalIgnoreCase)
            ? full
            : throw new RuntimeException(start + "is a path of " + provider.Name + ". It needs a path of the file system.");
    }
}
