using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net.Sockets;
using System.Threading.Tasks;
using Xunit;

namespace Dispatching.PowerShell.Tests;

/// <summary>The SSH server that tests use, and the ways to lose it.</summary>
public sealed class SshServerTests(SshFixture fixture) : IClassFixture<SshFixture>
{
    private SshServer Server => fixture.Server;

    [SshFact]
    public void A_session_in_this_process_runs_in_another()
    {
        using var session = new Session();
        string id = session.Text("$s = New-PSSession " + Server.GetParameters("127.0.0.2") + "; Invoke-Command $s { $PID }; Remove-PSSession $s").Single();
        Assert.NotEqual(Environment.ProcessId.ToString(CultureInfo.InvariantCulture), id);
    }

    [SshFact]
    public async Task Sessions_of_the_pinned_PowerShell_run_at_two_addresses()
    {
        string script = "$s = New-PSSession " + Server.GetParameters("127.0.0.1", "127.0.0.3")
            + "; Invoke-Command $s { \"$PID $($PSVersionTable.PSVersion)\" }; $PSVersionTable.PSVersion.ToString(); Remove-PSSession $s";
        ProcessStartInfo start = PowerShellHost.Create(script);
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        using Process host = PowerShellHost.Start(start);
        Task<string> errors = host.StandardError.ReadToEndAsync();
        string[] lines = (await host.StandardOutput.ReadToEndAsync().WaitAsync(Limits.Hang)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(string.Empty, await errors.WaitAsync(Limits.Hang));
        Assert.Equal(3, lines.Distinct(StringComparer.Ordinal).Count());
        Assert.All(lines[..2], line => Assert.EndsWith(" " + lines[2], line));
    }

    [SshFact]
    public async Task Data_wait_while_the_proxy_is_cut()
    {
        using var proxy = new CutProxy(Server.HostName, Server.Port);
        using Process client = Ssh(proxy.HostName, proxy.Port, "cat");
        await AssertEchoesAsync(client, "before");
        Assert.Equal(1, proxy.Connections);

        proxy.Cut();
        Task<string?> echo = EchoAsync(client, "between");
        await AssertWaitsAsync(echo);
        Assert.False(client.HasExited);

        proxy.Restore();
        Assert.Equal("between", await echo.WaitAsync(Limits.Hang));
        await AssertEchoesAsync(client, "after");
        await EndAsync(client);
    }

    [SshFact]
    public async Task Connections_wait_while_the_proxy_is_cut()
    {
        using var proxy = new CutProxy(Server.HostName, Server.Port);
        proxy.Cut();
        using Process client = Ssh(proxy.HostName, proxy.Port, "cat");
        Session.Eventually(() => proxy.Connections == 1, "the client to connect");
        Task<string?> echo = EchoAsync(client, "line");
        await AssertWaitsAsync(echo);
        proxy.Restore();
        Assert.Equal("line", await echo.WaitAsync(Limits.Hang));
        await EndAsync(client);
    }

    [SshFact]
    public async Task A_client_that_is_killed_ends_its_session_behind_the_proxy()
    {
        using SshServer server = SshFixture.Start("127.0.0.1");
        using var proxy = new CutProxy(server.HostName, server.Port);
        using Process client = Ssh(server, "cat /dev/zero", proxy.HostName, proxy.Port);
        await client.StandardOutput.ReadAsync(new char[1]).AsTask().WaitAsync(Limits.Hang);
        Assert.Single(server.SessionPids);
        client.Kill();
        Session.Eventually(() => server.ProcessIds.Count == 0, "the session to end");
    }

    [SshFact]
    public async Task Killed_sessions_are_gone_and_new_ones_are_served()
    {
        using SshServer server = SshFixture.Start("127.0.0.1");
        string sleep = Processes.LongSleep();
        using Process client = Ssh(server, "setsid sleep " + sleep + " & echo there; exec sleep " + sleep);
        Assert.Equal("there", await ReadLineAsync(client));
        Assert.Single(server.SessionPids);
        Session.Eventually(() => Processes.With(sleep).Count(one => server.ProcessIds.Contains(one)) >= 2, "both to run");

        server.KillSessions();
        await client.WaitForExitAsync().WaitAsync(Limits.Hang);
        Assert.Equal(255, client.ExitCode);
        Assert.Empty(server.SessionPids);
        Assert.Empty(Processes.With(sleep)); // Not the client either, which has ended.

        using Process next = Ssh(server, "cat");
        await AssertEchoesAsync(next, "served");
        await EndAsync(next);
    }

    [SshFact]
    public async Task Open_sessions_outlive_the_listener_but_not_the_server()
    {
        using SshServer server = SshFixture.Start("127.0.0.1");
        using Process client = Ssh(server, "cat");
        await AssertEchoesAsync(client, "before");
        server.Stop();
        Assert.Throws<SocketException>(() => new TcpClient(server.HostName, server.Port).Dispose());
        await AssertEchoesAsync(client, "still");
        Assert.Single(server.SessionPids);

        server.Start();
        using Process second = Ssh(server, "cat");
        await AssertEchoesAsync(second, "again");
        Assert.Equal(2, server.SessionPids.Count);

        string folder = Path.GetDirectoryName(server.KeyFilePath)!;
        server.Dispose();
        await client.WaitForExitAsync().WaitAsync(Limits.Hang);
        await second.WaitForExitAsync().WaitAsync(Limits.Hang);
        Assert.Empty(server.ProcessIds);
        Assert.Empty(Processes.With(folder));
        Assert.False(Directory.Exists(folder));
    }

    [LinkFact]
    public async Task Data_wait_while_the_link_is_down()
    {
        using var link = new LinkNamespace();
        using SshServer server = SshFixture.Start(link);
        using Process client = Ssh(server, "cat");
        await AssertEchoesAsync(client, "before");
        link.Cut();
        Task<string?> echo = EchoAsync(client, "between");
        await AssertWaitsAsync(echo);
        link.Restore();
        Assert.Equal("between", await echo.WaitAsync(Limits.Hang));
        await EndAsync(client);
    }

    private Process Ssh(string hostName, int port, string command) => Ssh(Server, command, hostName, port);

    private static Process Ssh(SshServer server, string command, string? hostName = null, int? port = null)
    {
        string[] arguments = [.. server.GetSshArguments(hostName, port), command];
        var start = new ProcessStartInfo("ssh", arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        Process process = Process.Start(start) ?? throw new InvalidOperationException("ssh did not start.");
        process.BeginErrorReadLine(); // That a connection was closed is expected here.
        return process;
    }

    private static Task<string?> ReadLineAsync(Process client) => client.StandardOutput.ReadLineAsync().WaitAsync(Limits.Hang);

    private static Task<string?> EchoAsync(Process client, string line)
    {
        client.StandardInput.WriteLine(line);
        client.StandardInput.Flush();
        return ReadLineAsync(client);
    }

    private static async Task AssertEchoesAsync(Process client, string line) => Assert.Equal(line, await EchoAsync(client, line));

    // That something does not happen has no event: many times as long as it takes otherwise.
    private static async Task AssertWaitsAsync(Task echo) => Assert.NotSame(echo, await Task.WhenAny(echo, Task.Delay(TimeSpan.FromMilliseconds(500))));

    private static async Task EndAsync(Process client)
    {
        client.StandardInput.Close();
        await client.WaitForExitAsync().WaitAsync(Limits.Hang);
        Assert.Equal(0, client.ExitCode);
    }
}
