using System;
using System.Diagnostics;
using System.IO;
using System.Management.Automation.Runspaces;
using System.Threading.Tasks;
using Xunit;

namespace Dispatching.PowerShell.Tests;

/// <summary>Tasks in sessions that the user has made.</summary>
public sealed class UserSessionTests(SshFixture fixture) : IClassFixture<SshFixture>, IDisposable
{
    private readonly Session _session = new();

    public void Dispose()
    {
        _session.Invoke("$s | Remove-PSSession");
        _session.Dispose();
    }

    [SshFact]
    public void It_can_be_used_again_in_every_way()
    {
        Open("127.0.0.2", "127.0.0.3");
        Assert.Equal(["1", "2", "3", "4"], _session.Text("1..4 | Invoke-DispatchTask { \"$_\" } -Session $s -Ordered -TaskTimeout 50"));
        Assert.Equal(["1", "2"], _session.Text("1..2 | Invoke-DispatchTask { \"$_\" } -Session $s[0] -Ordered -TaskTimeout 50"));
        string id = _session.Text("Invoke-Command $s[0] { $PID }")[0];

        // Its code cannot be stopped, and is given up.
        _session.Run("""
            $d = New-Dispatcher d -Session $s[0] -StopGrace 0.1 -TaskTimeout 50; Start-Dispatcher d
            $t = Send-DispatchTask { 'begun'; [Threading.Thread]::Sleep(20000) }
            """);
        Session.Eventually(() => _session.Text("$t.Output").Count == 1, "the task to begin");
        _session.Run("Stop-Dispatcher d -Force; Remove-Dispatcher d");
        Assert.Equal(["Stopped", id], _session.Text("$t.State; Invoke-Command $s[0] { $PID }"));
        Assert.Equal([id], _session.Text("Invoke-DispatchTask { $PID } -Session $s[0] -TaskTimeout 50"));
    }

    [SshFact]
    public void What_cannot_be_used_is_told_of()
    {
        Open("127.0.0.2", "127.0.0.3");
        Invocation busy = _session.Invoke("$job = Invoke-Command $s[0] { Start-Sleep 3000 } -AsJob; Invoke-DispatchTask { 1 } -Session $s[0] -WarningAction Ignore");
        Assert.Contains("is busy with another command", busy.Error.ToString(), StringComparison.Ordinal);
        _session.Run("Stop-Job $job; Remove-Job $job -Force; Remove-PSSession $s[1]");
        Assert.Contains("is Closed", _session.Fail("Invoke-DispatchTask { 1 } -Session $s[1] -WarningAction Ignore").ToString(), StringComparison.Ordinal);
        Invocation one = _session.Invoke("Invoke-DispatchTask { 'one' } -Session $s -TaskTimeout 50");
        Assert.Equal(["one"], one.Text);
        Assert.Empty(one.Errors);
    }

    [SshFact]
    public void One_that_is_given_twice_is_refused()
    {
        Open("127.0.0.2");
        foreach (string command in new[] { "New-Dispatcher", "Invoke-DispatchTask { 1 }", "$d = New-Dispatcher d -Session $s; Set-Dispatcher d" })
        {
            System.Management.Automation.ErrorRecord error = _session.Fail(command + " -Session $s, $s");
            Assert.Equal("SessionDuplicate", error.FullyQualifiedErrorId.Split(',')[0]);
            Assert.Contains("'" + _session.Text("$s.Name")[0] + "'", error.ToString(), StringComparison.Ordinal);
        }
    }

    [SshFact]
    public void An_installed_module_of_the_same_build_is_used_and_no_other()
    {
        string folder = Directory.CreateTempSubdirectory("dispatcher-installed-").FullName;
        _session["f"] = folder;
        _session["installed"] = StagedModule.Manifest;
        _session.Run("""
            $good, $bad = "$f/good", "$f/bad"
            $null = New-Item -ItemType Directory $good/Dispatcher, $bad/Dispatcher/9.9.9/bin/net8.0
            Copy-Item (Split-Path $installed) $good/Dispatcher/ -Recurse
            'no assembly' > $bad/Dispatcher/9.9.9/bin/net8.0/Dispatcher.Core.dll
            Copy-Item "$(Split-Path $installed)/bin/net8.0/Dispatcher.PowerShell.dll" $bad/Dispatcher/9.9.9/bin/net8.0/
            function Get-Loaded($path) {
                $s = New-PSSession @ssh
                try {
                    Invoke-Command $s { $env:PSModulePath = $using:path }
                    Invoke-DispatchTask { [AppDomain]::CurrentDomain.GetAssemblies().Where({ $_.GetName().Name -eq 'Dispatcher.Core' }).Location } -Session $s -TaskTimeout 50
                }
                finally { Remove-PSSession $s }
            }
            """.Replace("@ssh", fixture.Server.GetParameters("127.0.0.2"), StringComparison.Ordinal));
        string loaded = _session.Text("Get-Loaded $good")[0];
        Assert.StartsWith(folder + "/good/Dispatcher/", loaded, StringComparison.Ordinal);
        Assert.EndsWith("/bin/" + StagedModule.LoadedBuild + "/Dispatcher.Core.dll", loaded, StringComparison.Ordinal);
        Assert.Equal([string.Empty], _session.Text("Get-Loaded $bad"));
        Directory.Delete(folder, recursive: true);
    }

    [SshFact]
    public void The_engine_s_own_transport_gets_a_writer_that_does_not_throw()
    {
        Open("127.0.0.2");
        Runspace runspace = ((PSSession)_session.One("$s")).Runspace;
        Assert.True(QuietWriter.PutBefore(runspace));
        Assert.True(QuietWriter.PutBefore(runspace));
        Assert.Equal(["still"], _session.Text("Invoke-Command $s { 'still' }"));
        Assert.False(QuietWriter.PutBefore(_session.Runspace));
    }

    [SshFact]
    public async Task Its_loss_does_not_end_this_process()
    {
        // Several times: it is a matter of moments. The large items are still being sent when it goes.
        string script = string.Join('\n',
            "Import-Module '" + StagedModule.Manifest + "'",
            "$item = 'x' * 3000000",
            "foreach ($i in 1..2) {",
            "$s = New-PSSession " + fixture.Server.GetParameters("127.0.0.2"),
            "$d = New-Dispatcher -Session $s -Prefetch 4; Start-Dispatcher $d",
            "$t = @(Send-DispatchTask { $PID; [Threading.Thread]::Sleep(-1) } -Dispatcher $d; 1..6 | Send-DispatchTask { } -ArgumentList $item -Dispatcher $d)",
            "while (-not $t[0].Output) { [Threading.Thread]::Sleep(10) }",
            "(Get-Process -Id ([int] [string] $t[0].Output[0])).Kill()",
            "$null = $t | Wait-DispatchTask -Timeout 50 -ErrorAction Ignore",
            "\"$($t.State)\"; Remove-Dispatcher $d -Force; Remove-PSSession $s }",
            "foreach ($i in 1..3) {",
            "$s = New-PSSession " + fixture.Server.GetParameters("127.0.0.2"),
            "try { 1..4 | Invoke-DispatchTask { if ($_ -eq 2) { [Environment]::Exit(1) }; $_ } -Session $s *> $null } catch { }; Remove-PSSession $s }",
            "'alive'");
        ProcessStartInfo start = PowerShellHost.Create(script);
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        using Process host = PowerShellHost.Start(start);
        Task<string> errors = host.StandardError.ReadToEndAsync();
        string output = await host.StandardOutput.ReadToEndAsync().WaitAsync(Limits.Hang);
        Assert.DoesNotContain("Unhandled", await errors.WaitAsync(Limits.Hang), StringComparison.Ordinal);
        Assert.EndsWith("alive", output.TrimEnd(), StringComparison.Ordinal);
    }

    [SshTheory]
    [InlineData("Stop-Process -Id $far -Force")]
    [InlineData("Remove-PSSession $s[1]")]
    public void When_the_last_one_is_gone_the_dispatcher_halts(string ends)
    {
        Open("127.0.0.2", "127.0.0.3");
        _session.Run("""
            $far = Invoke-Command $s[1] { $PID }
            $d = New-Dispatcher d -Session $s -TaskTimeout 50; Start-Dispatcher d
            $f = New-TemporaryFile
            $busy = Send-DispatchTask { while (Test-Path $using:f) { [Threading.Thread]::Sleep(10) } } -HostName $s[0].ComputerName
            """);
        Session.Eventually(() => _session.Text("$busy.State")[0] == "Running", "the task to run");
        _session.Run("Set-Dispatcher d -Session $s[1]; " + ends + "; $t = Send-DispatchTask { 1 }; Remove-Item $f; $null = $t | Wait-DispatchTask -ErrorAction Ignore -WarningAction Ignore");
        Assert.Equal(["Stopped", "Completed"], _session.Text("$t.State; $busy.State"));
    }

    [SshFact]
    public void A_dead_link_is_noticed_while_much_is_sent()
    {
        using var proxy = new CutProxy(fixture.Server.HostName, fixture.Server.Port);
        _session.Run("$s = New-PSSession " + fixture.Server.GetParameters(["127.0.0.1"], proxy.Port));
        _session.Run("""
            $d = New-Dispatcher d -Session $s -PingInterval 1 -Prefetch 4 -TaskTimeout 50; Start-Dispatcher d
            $big = 'x' * 1000000
            $t = 1..40 | ForEach-Object { "$_$big" } | Send-DispatchTask { $_.Length }
            """);
        Session.Eventually(() => _session.Text("$t[1].State")[0] == "Completed", "some to end");
        proxy.Cut();
        _session.Run("$null = $t | Wait-DispatchTask -ErrorAction Ignore -WarningAction Ignore");
        Assert.Equal("Stopped", _session.Text("$t[-1].State")[0]);
        proxy.Dispose();
    }

    private void Open(params string[] hosts) => _session.Run("$s = New-PSSession " + fixture.Server.GetParameters(hosts));
}
