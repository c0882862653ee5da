using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;

namespace Dispatching.PowerShell.Tests;

/// <summary>
/// A session whose dispatchers run their tasks on an SSH server: $ssh has the parameters for it, $f a folder that both ends see.
/// </summary>
public sealed class SshSession : IDisposable
{
    private readonly SshServer _server;

    /// <summary>Opens one.</summary>
    public SshSession(SshServer server, int? port = null)
    {
        ArgumentNullException.ThrowIfNull(server);
        _server = server;
        Folder = Directory.CreateTempSubdirectory("dispatcher-hosts-").FullName;
        Session["f"] = Folder;
        Session["ssh"] = new Hashtable
        {
            ["Port"] = port ?? server.Port,
            ["UserName"] = server.UserName,
            ["KeyFilePath"] = server.KeyFilePath,
            ["SSHOption"] = server.Options,
        };
    }

    /// <summary>The session here.</summary>
    public Session Session { get; } = new();

    /// <summary>What $f is.</summary>
    public string Folder { get; }

    /// <summary>Makes a dispatcher in $d, and starts it.</summary>
    public void StartDispatcher(string parameters = "-HostName 127.0.0.2") => Session.Run("$d = New-Dispatcher d @ssh -TaskTimeout 50 " + parameters + "; Start-Dispatcher d");

    /// <summary>What a task has written to a file of the folder, once it is there in full.</summary>
    public string WaitForFile(string name)
    {
        string path = Path.Combine(Folder, name);
        Session.Eventually(() => File.Exists(path) && File.ReadAllText(path).EndsWith('.'), "'" + name + "' to be written");
        return File.ReadAllText(path).TrimEnd('.');
    }

    /// <summary>A number that a task has written, as the id of its process.</summary>
    public int WaitForNumber(string name) => int.Parse(WaitForFile(name), CultureInfo.InvariantCulture);

    /// <summary>Lets tasks go on that wait for this file.</summary>
    public void Release(string name) => File.WriteAllText(Path.Combine(Folder, name), ".");

    /// <summary>The ssh processes that lead to a host of the server, of whichever process.</summary>
    public IReadOnlyList<int> GetClients(string hostName) =>
        [.. Processes.With(_server.KeyFilePath).Where(id => Arguments(id).Contains(hostName, StringComparer.Ordinal))];

    /// <inheritdoc/>
    public void Dispose()
    {
        Session.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private static string[] Arguments(int id)
    {
        try
        {
            return Encoding.UTF8.GetString(File.ReadAllBytes("/proc/" + id.ToString(CultureInfo.InvariantCulture) + "/cmdline")).Split('\0');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
