using System;
using System.Globalization;
using System.Linq;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>A host as -HostName takes it: host, user@host, host:port, user@[2001:db8::1]:port.</summary>
/// <param name="Host">The name or address.</param>
/// <param name="UserName">The user, where it is given here.</param>
/// <param name="Port">The port, where it is given here.</param>
internal sealed record SshAddress(string Host, string? UserName, int? Port)
{
    /// <exception cref="PSArgumentException">It is none.</exception>
    internal static SshAddress Parse(string text)
    {
        string rest = text.Trim();
        string? user = null;
        int at = rest.LastIndexOf('@');
        if (at >= 0)
        {
            user = rest.Substring(0, at);
            rest = rest.Substring(at + 1);
        }

        string? port = null;
        int colon = rest.LastIndexOf(':');
        if (rest.Length > 0 && rest[0] == '[' && rest.IndexOf(']') is > 0 and var end)
        {
            port = rest.Length > end + 1 && rest[end + 1] == ':' ? rest.Substring(end + 2) : rest.Length > end + 1 ? string.Empty : null;
            rest = rest.Substring(1, end - 1);
        }
        else if (colon >= 0 && rest.IndexOf(':') == colon)
        {
            port = rest.Substring(colon + 1);
            rest = rest.Substring(0, colon);
        }

        int number = 0;
        bool isPort = port is null || (int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number is > 0 and <= ushort.MaxValue);
        return isPort && IsName(rest) && (user is null || IsName(user))
            ? new SshAddress(rest, user, port is null ? null : number)
            : throw new PSArgumentException("-HostName '" + text + "' is no host. Give a name or an address, with user and port where they are needed: web1, admin@db3:2222, [2001:db8::1]:22.");
    }

    /// <summary>The host and, where it is given, the port.</summary>
    public override string ToString() => Port is { } port ? Host + ":" + port.ToString(CultureInfo.InvariantCulture) : Host;

    // What begins with a dash would be an option of ssh.
    private static bool IsName(string text) => text.Length > 0 && text[0] != '-' && !text.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || c == '@');
}
