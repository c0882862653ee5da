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
    // Of ssh itself: "255 if an error occurred" (ssh(1), EXIT STATUS), a lost connection among them. Others are those of the far end.
    private const int ErrorCode = 255;

    private readonly SshAddress _address;
    private readonly SshOptions _options;
    private readonly List<string> _arguments;

    /// <param name="address">The host, with user and port.</param>
    /// <param name="options">What all hosts of a call have in common.</param>
    /// <param name="hostName">What its tasks show; another name than its own where several entries have that.</param>
    internal SshTarget(SshAddress address, SshOptions options, string hostName)
    {
        HostName = hostName;
        _address = address with { UserName = address.UserName ?? options.UserName, Port = address.Port ?? options.Port };
        _options = options;
        _arguments = GetArguments(_address, options);
    }

    /// <inheritdoc/>
    internal override string HostName { get; }

    /// <inheritdoc/>
    internal override bool CanReopen => true;

    /// <summary>How a session over ssh has ended, in words to follow a colon: what ssh itself said, and what that means.</summary>
    /// <param name="endpoint">The ssh.</param>
    /// <param name="how">How it has ended, in the words of <see cref="SessionEndpoint.TellEnd"/>.</param>
    internal static string DescribeEnd(SessionEndpoint endpoint, string how)
    {
        string said = endpoint.StandardErrorTail.Trim().TrimEnd('.');
        string what = endpoint.ExitCode switch
        {
            ErrorCode => "the connection to it ended, or PowerShell there was killed",
            null => "the connection to it ended",
            _ => "PowerShell there ended",
        };
        return (said.Length > 0 ? said + "; " : string.Empty) + what + " (ssh " + how + ")";
    }

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
            string? how = endpoint?.WaitForEnd(TimeSpan.Zero);
            string reason = said.Length > 0 ? said
                : how is not null ? DescribeEnd(endpoint!, how) // Its end is that of one that was started.
                : e is Win32Exception ? "ssh cannot be started: " + e.Message : e.Message;
            endpoint?.Dispose();
            throw new HostLostException(reason);
        }
    }

    /// <inheritdoc/>
    internal override bool IsSame(SessionTarget other) => other is SshTarget ssh
        && string.Equals(ssh._address.Host, _address.Host, StringComparison.OrdinalIgnoreCase)
        && string.Equals(ssh._address.UserName, _address.UserName, StringComparison.Ordinal)
        && ssh._address.Port == _address.Port
        && string.Equals(ssh._options.KeyFilePath, _options.KeyFilePath, StringComparison.Ordinal)
        && string.Equals(ssh._options.Subsystem, _options.Subsystem, StringComparison.Ordinal)
        && SortOptions(ssh._options).SequenceEqual(SortOptions(_options), StringComparer.Ordinal);

    /// <summary>The names of options are the same in any case (ssh_config(5)), and a hashtable has none of them twice, in no order.</summary>
    private static IEnumerable<string> SortOptions(SshOptions options) =>
        options.Options.Select(option => option.Key.ToUpperInvariant() + "=" + option.Value).OrderBy(option => option, StringComparer.Ordinal);

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

        Add("-l", address.UserName);
        Add("-p", address.Port?.ToString(CultureInfo.InvariantCulture));
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
