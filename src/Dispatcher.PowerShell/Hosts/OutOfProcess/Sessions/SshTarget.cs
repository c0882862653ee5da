using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace Dispatching.PowerShell;

/// <summary>A host that ssh connects to, with PowerShell as a subsystem of its sshd.</summary>
internal sealed class SshTarget : SessionTarget
{
    private readonly string _host;
    private readonly List<string> _arguments;

    /// <param name="address">The host, with user and port.</param>
    /// <param name="options">What all hosts of a call have in common.</param>
    /// <param name="hostName">What its tasks show; another name than its own where several entries have that.</param>
    internal SshTarget(SshAddress address, SshOptions options, string hostName)
    {
        HostName = hostName;
        _host = address.Host;
        _arguments = GetArguments(address, options);
    }

    /// <inheritdoc/>
    internal override string HostName { get; }

    /// <inheritdoc/>
    internal override bool CanReopen => true;

    /// <inheritdoc/>
    internal override OpenedSession Open(Action<SessionEndpoint> started)
    {
        SessionEndpoint? endpoint = null;
        try
        {
            endpoint = new SessionEndpoint(new EndpointCommand("ssh", "ssh", _arguments));
            started(endpoint);
            Runspace runspace = endpoint.CreateRunspace(host: null);
            runspace.Open();
            return new OpenedSession(runspace, endpoint);
        }
        catch (Exception e) when (e is RuntimeException or PSInvalidOperationException or IOException or Win32Exception or InvalidOperationException or PlatformNotSupportedException)
        {
            // What ssh itself says is the reason; the engine only says that there is no answer.
            string said = endpoint?.StandardErrorTail.Trim() ?? string.Empty;
            endpoint?.Dispose();
            throw new HostLostException(said.Length > 0 ? said : e is Win32Exception ? "ssh cannot be started: " + e.Message : e.Message);
        }
    }

    /// <inheritdoc/>
    internal override bool IsSame(SessionTarget other) => other is SshTarget ssh
        && string.Equals(ssh._host, _host, StringComparison.OrdinalIgnoreCase)
        && ssh.OtherArguments.SequenceEqual(OtherArguments, StringComparer.Ordinal);

    private IEnumerable<string> OtherArguments => _arguments.Where(argument => !string.Equals(argument, _host, StringComparison.Ordinal));

    private static List<string> GetArguments(SshAddress address, SshOptions options)
    {
        var arguments = new List<string>();
        void Add(string option, string? value)
        {
            if (value is not null)
            {
                arguments.Add(option);
                arguments.Add(value);
            }
        }

        Add("-l", address.UserName ?? options.UserName);
        Add("-p", (address.Port ?? options.Port)?.ToString(CultureInfo.InvariantCulture));
        Add("-i", options.KeyFilePath);
        foreach (KeyValuePair<string, string> option in options.Options)
        {
            Add("-o", option.Key + "=" + option.Value);
        }

        // The engine's own options for ssh: no terminal, and a subsystem instead of a command.
        // A master that stays behind would be ended with the session, and others may use it.
        arguments.AddRange(["-o", "ControlMaster=no", "-T", "-s", address.Host, options.Subsystem]);
        return arguments;
    }
}
