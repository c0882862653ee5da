using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace Dispatching.PowerShell;

/// <summary>The hosts of a dispatcher, as cmdlets take them, with the defaults of New-Dispatcher.</summary>
internal sealed class SessionParameters
{
    // What says how ssh connects, and what says how hosts are used.
    private static readonly string[] s_sshParameters = [nameof(UserName), nameof(Port), nameof(KeyFilePath), nameof(Subsystem), nameof(SSHOption)];
    private static readonly string[] s_hostParameters = [nameof(WorkersPerHost), nameof(HostFailure), nameof(PingInterval)];

    // At 0.1 s, hosts were lost on a machine with six times as much work as processors; at 0.25 s none were.
    private static readonly TimeSpan s_leastPingInterval = TimeSpan.FromSeconds(0.5);

    /// <summary>The names of all its parameters.</summary>
    internal static string[] Names { get; } = [nameof(HostName), nameof(Session), .. s_sshParameters, .. s_hostParameters];

    /// <summary>The hosts that run the tasks, over SSH: name, user@name or name:port. Default: the tasks run on this machine.</summary>
    internal string[]? HostName { get; set; }

    /// <summary>Sessions from New-PSSession that run the tasks, and can be used again afterwards.</summary>
    internal PSSession[]? Session { get; set; }

    /// <summary>The user to log on as, where -HostName does not say; default what ssh is configured with.</summary>
    internal string? UserName { get; set; }

    /// <summary>The port of the SSH server, where -HostName does not say: 1 to 65535; default what ssh is configured with.</summary>
    internal int Port { get; set; }

    /// <summary>The file of the private key; default what ssh is configured with.</summary>
    internal string? KeyFilePath { get; set; }

    /// <summary>The subsystem of the SSH server that starts PowerShell; default powershell.</summary>
    internal string Subsystem { get; set; } = "powershell";

    /// <summary>Options of ssh by name, as in ssh_config: @{ StrictHostKeyChecking = 'yes' }.</summary>
    internal Hashtable? SSHOption { get; set; }

    /// <summary>How many tasks each host runs at once: 1 (default) or more.</summary>
    internal int WorkersPerHost { get; set; } = 1;

    /// <summary>
    /// What becomes of the tasks that run on a host when it is lost: they run again on any host, at most twice each
    /// (Requeue, the default), or fail (Fail).
    /// </summary>
    internal HostFailure HostFailure { get; set; }

    /// <summary>How often each end of a session hears of the other; after three intervals without, the host counts as lost: 0.5 s or more, default 5 s; 0, -1 and Infinite for none.</summary>
    internal TimeSpan PingInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How many tasks a host or a worker process is sent for each worker, the running one included: 1 or more; default 2. With -RateLimit it is 1.</summary>
    internal int Prefetch { get; set; } = 2;

    /// <summary>Whether tasks run elsewhere.</summary>
    internal bool IsRemote => HostName is not null || Session is not null;

    /// <summary>Makes the sessions of a dispatcher; <see langword="null"/> where its tasks run here. What cannot be used ends the cmdlet.</summary>
    internal SessionPool? Create(PSCmdlet caller, SessionSettings settings, bool needsOne)
    {
        Check(caller);
        CheckPingInterval(caller);
        SshOptions ssh = GetOptions(caller);
        return IsRemote ? new SessionPool(GetTargets(caller, ssh), ssh, settings, needsOne) : null;
    }

    /// <summary>The hosts that are named, each once.</summary>
    internal List<SessionTarget> GetTargets(PSCmdlet caller, SshOptions options)
    {
        var targets = new List<SessionTarget>();
        try
        {
            SshAddress[] addresses = Array.ConvertAll(HostName ?? [], SshAddress.Parse);
            foreach (SshAddress address in addresses)
            {
                bool isOnly = addresses.Count(other => string.Equals(other.Host, address.Host, StringComparison.OrdinalIgnoreCase)) == 1;
                var target = new SshTarget(address, options, isOnly ? address.Host : address.ToString());
                if (targets.Exists(target.IsSame))
                {
                    RefuseSecond(caller, "Host '" + target.HostName + "' is named twice. Name", ErrorIds.HostNameInvalid, HostName);
                }

                targets.Add(target);
            }
        }
        catch (PSArgumentException e)
        {
            caller.Terminate(e, ErrorIds.HostNameInvalid, ErrorCategory.InvalidArgument, HostName);
        }

        foreach (PSSession session in Session ?? [])
        {
            var target = new UserSessionTarget(session);
            if (targets.Exists(target.IsSame))
            {
                RefuseSecond(caller, "Session '" + session.Name + "' is given twice. Give", ErrorIds.SessionDuplicate, Session);
            }

            targets.Add(target);
        }

        return targets;
    }

    private static void RefuseSecond(PSCmdlet caller, string problem, string errorId, object? value) =>
        caller.Terminate(new PSArgumentException(problem + " each once, and give -WorkersPerHost how many tasks it runs at once."), errorId, ErrorCategory.InvalidArgument, value);

    private void CheckPingInterval(PSCmdlet caller)
    {
        if (PingInterval >= TimeSpan.Zero && PingInterval < s_leastPingInterval)
        {
            caller.Terminate(
                new PSArgumentException(string.Format(
                    CultureInfo.InvariantCulture,
                    "-PingInterval is {0} s, and must be {1} s or more, or 0 for none. After three intervals without a sign from the other end a host counts as lost, and shorter ones would lose hosts that are only busy.",
                    PingInterval.TotalSeconds,
                    s_leastPingInterval.TotalSeconds)),
                ErrorIds.PingIntervalInvalid,
                ErrorCategory.InvalidArgument,
                PingInterval);
        }
    }

    private static KeyValuePair<string, string> ToOption(DictionaryEntry entry) =>
        new(LanguagePrimitives.ConvertTo<string>(entry.Key), LanguagePrimitives.ConvertTo<string>(entry.Value));

    private SshOptions GetOptions(PSCmdlet caller)
    {
        string? key = KeyFilePath is null ? null : SessionPath.Resolve(caller.SessionState, KeyFilePath, nameof(KeyFilePath));
        if (key is not null && !File.Exists(key))
        {
            caller.Terminate(new FileNotFoundException("There is no file '" + key + "', which -KeyFilePath names as the private key for ssh.", key), ErrorIds.KeyFileNotFound, ErrorCategory.ObjectNotFound, KeyFilePath);
        }

        return new SshOptions
        {
            UserName = UserName,
            Port = Port == 0 ? null : Port,
            KeyFilePath = key,
            Subsystem = Subsystem,
            Options = [.. (SSHOption ?? []).Cast<DictionaryEntry>().Select(ToOption)],
        };
    }

    private void Check(PSCmdlet caller)
    {
        foreach (string name in s_sshParameters)
        {
            if (HostName is null && caller.MyInvocation.BoundParameters.TryGetValue(name, out object? value))
            {
                caller.RefuseWithoutEffect(string.Format(CultureInfo.InvariantCulture, "-{0} says how ssh connects to the hosts of -HostName, and none is given. Give -HostName, or leave out -{0}.", name), value);
            }
        }

        foreach (string name in s_hostParameters)
        {
            if (!IsRemote && caller.MyInvocation.BoundParameters.TryGetValue(name, out object? value))
            {
                caller.RefuseWithoutEffect(string.Format(CultureInfo.InvariantCulture, "-{0} says how the hosts of -HostName or -Session are used, and none is given. Give one of the two, or leave out -{0}.", name), value);
            }
        }

        bool isProcess = caller.MyInvocation.BoundParameters.TryGetValue(nameof(DispatcherParameters.Isolation), out object? isolation) && isolation is WorkerIsolation.Process;
        if (!IsRemote && !isProcess && caller.MyInvocation.BoundParameters.TryGetValue(nameof(Prefetch), out object? prefetch))
        {
            caller.RefuseWithoutEffect("-Prefetch says how many tasks another process or a host is sent ahead, and the tasks run in this process. Give -Isolation Process, -HostName or -Session, or leave out -Prefetch.", prefetch);
        }

        foreach (string name in new[] { nameof(DispatcherParameters.MinWorkers), nameof(DispatcherParameters.MaxWorkers), nameof(DispatcherParameters.ScaleDownInterval) })
        {
            if (IsRemote && caller.MyInvocation.BoundParameters.TryGetValue(name, out object? value))
            {
                caller.RefuseWithoutEffect(string.Format(CultureInfo.InvariantCulture, "-{0} is about workers on this machine, and the tasks run on other hosts. Leave it out: -WorkersPerHost says how many tasks each host runs at once.", name), value);
            }
        }

        if (IsRemote && isProcess)
        {
            caller.Terminate(
                new PSArgumentException("-Isolation Process runs the tasks in processes on this machine, and " + (HostName is null ? "-Session" : "-HostName") + " on other hosts. Leave out one of the two."),
                ErrorIds.ConflictingParameters,
                ErrorCategory.InvalidArgument,
                isolation);
        }
    }
}
