using System;
using System.Collections;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

namespace Dispatching.PowerShell.Tests;

/// <summary>
/// An SSH server on addresses of this machine and a free port: sshd, run as the current user, who alone can log in, with a
/// throw-away key. Its subsystem "powershell" is the PowerShell that it is given. All that it has started is gone once it
/// is disposed. For Linux.
/// </summary>
public sealed class SshServer : IDisposable
{
    private const int Attempts = 10;

    private readonly string _folder;
    private readonly string _mark;
    private readonly string[] _launcher;
    private readonly StringBuilder _log = new();
    private readonly List<Process> _listeners = [];
    private readonly HashSet<UnixProcess> _left = [];
    private Process? _listener;
    private bool _isDisposed;

    /// <summary>Starts one, and returns when connections are accepted.</summary>
    /// <param name="powerShell">How to start PowerShell: the program, and the arguments before all others.</param>
    /// <param name="addresses">The addresses to listen at: on Linux, any 127.x.x.x will do.</param>
    /// <param name="launcher">A command that starts the command behind it, as "ip netns exec name".</param>
    /// <exception cref="InvalidOperationException">It did not start.</exception>
    public SshServer(IReadOnlyList<string> powerShell, IReadOnlyList<string> addresses, IReadOnlyList<string>? launcher = null)
    {
        HostNames = addresses;
        _launcher = [.. launcher ?? []];
        _folder = CreateFolder();
        _mark = "DISPATCHER_TEST_SSH=" + Path.GetFileName(_folder);
        try
        {
            WriteFiles(powerShell);
            Listen(isAnyPort: true);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The first of its addresses.</summary>
    public string HostName => HostNames[0];

    /// <summary>Its addresses.</summary>
    public IReadOnlyList<string> HostNames { get; }

    /// <summary>Its port, at each address.</summary>
    public int Port { get; private set; }

    /// <summary>The user who can log in: the one who runs the test.</summary>
    public string UserName { get; } = Environment.UserName;

    /// <summary>The file of the private key to log in with.</summary>
    public string KeyFilePath => Path.Combine(_folder, "user_key");

    /// <summary>For the parameter Options of New-PSSession: nothing is asked, and nothing of the user's own is read or changed.</summary>
    public Hashtable Options => new(StringComparer.OrdinalIgnoreCase)
    {
        ["StrictHostKeyChecking"] = "no",
        ["UserKnownHostsFile"] = Path.Combine(_folder, "known_hosts"),
        ["GlobalKnownHostsFile"] = "/dev/null",
        ["IdentitiesOnly"] = "yes",
        ["BatchMode"] = "yes",
    };

    /// <summary>What sshd has logged.</summary>
    public string Log
    {
        get
        {
            lock (_log)
            {
                return _log.ToString();
            }
        }
    }

    /// <summary>The ids of the sshd processes of the connections, one for each.</summary>
    public IReadOnlyList<int> SessionPids => [.. GetSessions(UnixProcess.GetAll()).Select(one => one.Id)];

    /// <summary>
    /// The ids of all processes of the sessions, with what they have started, and with what has outlived its session. Not the
    /// listener.
    /// </summary>
    public IReadOnlyList<int> ProcessIds => [.. GetProcesses().Select(one => one.Id)];

    /// <summary>The parameters of New-PSSession and the like for some of its addresses, all of them if none is named, as a script has them.</summary>
    public string GetParameters(params string[] hostNames) => GetParameters(hostNames.Length > 0 ? hostNames : HostNames, Port);

    /// <summary>The same for another port, as that of a proxy.</summary>
    public string GetParameters(IReadOnlyList<string> hostNames, int port) => string.Create(CultureInfo.InvariantCulture,
        $"-HostName {string.Join(", ", hostNames.Select(Quote))} -Port {port} -UserName {Quote(UserName)} -KeyFilePath {Quote(KeyFilePath)} -Options @{{ {string.Join("; ", Options.Cast<DictionaryEntry>().Select(one => one.Key + " = " + Quote((string)one.Value!)))} }}");

    /// <summary>The arguments of ssh itself, up to and with the host; what follows is the command.</summary>
    public IReadOnlyList<string> GetSshArguments(string? hostName = null, int? port = null) =>
    [
        "-F", "/dev/null", "-T", "-q",
        "-p", (port ?? Port).ToString(CultureInfo.InvariantCulture), "-l", UserName, "-i", KeyFilePath,
        .. Options.Cast<DictionaryEntry>().SelectMany(one => new[] { "-o", one.Key + "=" + one.Value }),
        hostName ?? HostName,
    ];

    /// <summary>Kills sshd's processes of all connections, and all that runs under them, and waits for their end. The listener stays.</summary>
    public void KillSessions()
    {
        // Again, because what is being killed may just have started something.
        bool areGone = SpinWait.SpinUntil(
            () =>
            {
                IReadOnlyList<UnixProcess> found = GetProcesses();
                foreach (UnixProcess process in found)
                {
                    Kill(process);
                }

                return found.Count == 0;
            },
            Limits.Hang);
        if (!areGone)
        {
            throw new TimeoutException("These were killed and live: " + string.Join(", ", ProcessIds));
        }
    }

    /// <summary>Ends the listener: new connections are refused, and open ones stay.</summary>
    public void Stop()
    {
        lock (_listeners)
        {
            if (_listener is not { } listener)
            {
                return;
            }

            // Halted first, so that no session starts between the look and the end.
            _ = SystemProgram.TryRun("sh", "-c", "kill -STOP " + listener.Id.ToString(CultureInfo.InvariantCulture));
            _left.UnionWith(GetSessions(UnixProcess.GetAll()));
            listener.Kill();
            listener.WaitForExit(Limits.Hang);
            _listener = null;
        }
    }

    /// <summary>Listens again after <see cref="Stop"/>, at the same port.</summary>
    public void Start() => Listen(isAnyPort: false);

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_listeners)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
        }

        Stop();
        KillSessions();
        _listeners.ForEach(one => one.Dispose());
        Directory.Delete(_folder, recursive: true);
    }

    private static string CreateFolder()
    {
        if (OperatingSystem.IsWindows())
        {
            throw new PlatformNotSupportedException(SshSupport.WhyNot);
        }

        // The engine does not quote the values of Options.
        string parent = Path.GetTempPath().Any(char.IsWhiteSpace) ? "/tmp" : Path.GetTempPath();
        string path = Path.Combine(parent, "dispatcher-ssh-" + Guid.NewGuid().ToString("N"));
        return Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName;
    }

    private static string Quote(string text) => "'" + text.Replace("'", "''", StringComparison.Ordinal) + "'";

    private static string QuoteForShell(string text) => "'" + text.Replace("'", "'\\''", StringComparison.Ordinal) + "'";

    private void WriteFiles(IReadOnlyList<string> powerShell)
    {
        foreach (string key in new[] { "host_key", "user_key" })
        {
            SystemProgram.Run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "dispatcher-test", "-f", Path.Combine(_folder, key));
        }

        File.Copy(KeyFilePath + ".pub", Path.Combine(_folder, "authorized_keys"));
        File.WriteAllText(Path.Combine(_folder, "known_hosts"), "* " + File.ReadAllText(Path.Combine(_folder, "host_key.pub")));

        // sshd gives sessions a fresh environment; those that .NET may need to start at all are taken along.
        IEnumerable<string> variables = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .Where(one => ((string)one.Key).StartsWith("DOTNET_", StringComparison.Ordinal))
            .Select(one => "export " + one.Key + "=" + QuoteForShell((string)one.Value!));
        string command = "exec " + string.Join(' ', powerShell.Select(QuoteForShell)) + " -sshs -NoLogo -NoProfile";
        string[] lines = ["export POWERSHELL_TELEMETRY_OPTOUT=1 POWERSHELL_UPDATECHECK=Off", .. variables, command];
        File.WriteAllLines(Path.Combine(_folder, "powershell.sh"), lines);
        if (Environment.IsPrivilegedProcess)
        {
            Directory.CreateDirectory("/run/sshd");
        }
    }

    private void WriteConfiguration()
    {
        string[] lines =
        [
            .. HostNames.Select(address => string.Create(CultureInfo.InvariantCulture, $"ListenAddress {address}:{Port}")),
            "HostKey " + Path.Combine(_folder, "host_key"),
            "AuthorizedKeysFile " + Path.Combine(_folder, "authorized_keys"),
            "AuthenticationMethods publickey",
            "PasswordAuthentication no",
            "UsePAM no",
            "PidFile none",
            "StrictModes no", // The folder for temporary files is everybody's.
            "MaxStartups 1000",
            "MaxSessions 1000",
            "SetEnv " + _mark,
            "Subsystem powershell /bin/sh " + Path.Combine(_folder, "powershell.sh"),
        ];
        string file = Path.Combine(_folder, "sshd_config");
        File.WriteAllLines(file, lines);

        // From 9.8 on, an address is refused for a while after its session was killed; older ones do not know the option.
        if (SystemProgram.TryRun("sshd", "-t", "-f", file, "-o", "PerSourcePenalties=no") is null)
        {
            File.AppendAllLines(file, ["PerSourcePenalties no"]);
        }
    }

    private void Listen(bool isAnyPort)
    {
        lock (_listeners)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            for (int i = 0; _listener is null && i < Attempts; i++)
            {
                if (isAnyPort)
                {
                    Port = GetFreePort();
                    WriteConfiguration();
                }

                TryListen();
            }

            if (_listener is null)
            {
                throw new InvalidOperationException("sshd did not start: " + Log);
            }
        }
    }

    private void TryListen()
    {
        string program = SystemProgram.Find("sshd") ?? throw new InvalidOperationException(SshSupport.NoServer);
        string[] command = [.. _launcher, program, "-D", "-e", "-f", Path.Combine(_folder, "sshd_config")];
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardInput = true, RedirectStandardError = true };
        Process process = Process.Start(start) ?? throw new InvalidOperationException("sshd did not start.");
        _listeners.Add(process);
        process.StandardInput.Close();

        // sshd says so after it has begun to listen at an address.
        var isListening = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        int count = 0;
        process.ErrorDataReceived += (_, e) =>
        {
            lock (_log)
            {
                _log.AppendLine(e.Data);
            }

            if (e.Data?.StartsWith("Server listening on ", StringComparison.Ordinal) == true && ++count == HostNames.Count)
            {
                isListening.TrySetResult(true);
            }
            else if (e.Data?.Contains("Bind to port ", StringComparison.Ordinal) != false)
            {
                isListening.TrySetResult(false);
            }
        };
        process.BeginErrorReadLine();
        if (isListening.Task.Wait(Limits.Hang) && isListening.Task.Result && CanConnect())
        {
            _listener = process;
        }
        else
        {
            process.Kill();
            process.WaitForExit(Limits.Hang);
        }
    }

    // In a network namespace that has no route from here yet, nobody can; sshd's own word is enough there.
    private bool CanConnect() => _launcher.Length > 0 || HostNames.All(address =>
    {
        using var client = new TcpClient();
        client.Connect(IPAddress.Parse(address), Port);
        var greeting = new byte[4];
        client.GetStream().ReadTimeout = (int)Limits.Hang.TotalMilliseconds;
        client.GetStream().ReadExactly(greeting);
        return Encoding.ASCII.GetString(greeting) == "SSH-";
    });

    private int GetFreePort()
    {
        using var listener = new TcpListener(_launcher.Length > 0 ? IPAddress.Loopback : IPAddress.Parse(HostName), 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    // The listener's children, and those of a listener that was stopped.
    private IEnumerable<UnixProcess> GetSessions(IReadOnlyList<UnixProcess> all)
    {
        lock (_listeners)
        {
            int listener = _listener?.Id ?? 0;
            HashSet<(int Id, ulong StartTime)> left = [.. _left.Select(one => (one.Id, one.StartTime))];
            return [.. all.Where(one => (listener > 0 && one.Parent == listener) || left.Contains((one.Id, one.StartTime)))];
        }
    }

    private IReadOnlyList<UnixProcess> GetProcesses()
    {
        IReadOnlyList<UnixProcess> all = UnixProcess.GetAll();
        return UnixProcess.WithDescendants(all, [.. GetSessions(all), .. all.Where(one => one.HasVariable(_mark))]);
    }

    private static void Kill(UnixProcess process)
    {
        try
        {
            using var handle = Process.GetProcessById(process.Id);
            handle.Kill();
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // It has ended meanwhile.
        }
    }
}
