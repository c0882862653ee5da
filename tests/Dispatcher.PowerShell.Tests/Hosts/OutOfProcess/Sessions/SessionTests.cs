using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;
using Xunit;

namespace Dispatching.PowerShell.Tests;

/// <summary>Tasks on other hosts, while none is lost.</summary>
public sealed class SessionTests(SshFixture fixture) : IClassFixture<SshFixture>, IDisposable
{
    private readonly SshSession _ssh = new(fixture.Server);

    private Session Session => _ssh.Session;

    public void Dispose() => _ssh.Dispose();

    [SshFact]
    public void Two_hosts_do_what_threads_do()
    {
        Session.Run("""
            function Get-It($a) { "function $a" }
            $x = 'using'; $block = { param($a) "block $a" }
            $common = @{ Function = 'Get-It'; Variable = @{ v = 'variable' }; InitializationScript = { $global:begun = "init $using:x" } }
            $run = {
                param($hosts)
                $VerbosePreference = $DebugPreference = 'Continue'
                1..8 | Invoke-DispatchTask {
                    param($a)
                    for ($i = 0; $i -lt 20; $i++) { "o$i"; Write-Warning "w$i"; Write-Error "e$i"; Write-Host "h$i"; Write-Verbose "v$i" -Verbose; Write-Debug "d$i" -Debug }
                    & $using:block $_; "$a $v $begun"; Get-It $_
                    if ($_ -eq 5) { throw [IO.IOException]::new('five') }
                } -ArgumentList { "argument $_" } -Ordered -ErrorAction Continue -TaskTimeout 50 @common @hosts *>&1 | ForEach-Object { "$($_.GetType().Name -replace '^Remoting') $_" }
            }
            $hosts = $ssh + @{ HostName = '127.0.0.2', '127.0.0.3'; WorkersPerHost = 2 }
            """);
        IReadOnlyList<string> threads = Session.Text("& $run @{}");
        Assert.Equal(8 * 123 + 1, threads.Count);
        Assert.Equal(threads, Session.Text("& $run $hosts"));
    }

    [SshFact]
    public void A_task_shows_its_host_and_each_record_is_marked()
    {
        _ssh.StartDispatcher("-HostName 127.0.0.2, 127.0.0.3");
        Session.Run("$t = Send-DispatchTask { 'out'; Write-Warning 'w'; Write-Error 'e' } -HostName 127.0.0.3 | Wait-DispatchTask");
        Assert.Equal(["Completed", "127.0.0.3", "127.0.0.3"], Session.Text("$t.State; $t.ComputerName; $t.Output[0].PSComputerName"));
        Assert.Equal("127.0.0.3", Session.Text("$t.Error[0].OriginInfo.PSComputerName").Single());
    }

    [SshFact]
    public void A_pin_holds_with_a_group_and_a_priority()
    {
        _ssh.StartDispatcher("-HostName 127.0.0.2, 127.0.0.3");
        Session.Run("""
            $where = { $env:SSH_CONNECTION.Split()[2] }
            $a = 1..5 | Send-DispatchTask $where -HostName 127.0.0.2 -Group g -Priority 5
            $b = 1..5 | Send-DispatchTask $where -HostName 127.0.0.3 -Group g
            """);
        Assert.Equal(["127.0.0.2"], Session.Text("$a | Receive-DispatchTask -Wait | Select-Object -Unique"));
        Assert.Equal(["127.0.0.3"], Session.Text("$b | Receive-DispatchTask -Wait | Select-Object -Unique"));
    }

    [SshFact]
    public void A_host_that_is_taken_away_ends_what_it_runs_and_gets_nothing_more()
    {
        _ssh.StartDispatcher("-HostName 127.0.0.2, 127.0.0.3");
        Session.Run("""
            $long = Send-DispatchTask { Set-Content $using:f/on "." -NoNewline; while (-not (Test-Path $using:f/go)) { [Threading.Thread]::Sleep(10) }; 'long' } -HostName 127.0.0.3
            """);
        _ssh.WaitForFile("on");
        Session.Run("Set-Dispatcher d -HostName 127.0.0.2");
        Assert.Equal(["127.0.0.2"], Session.Text("1..6 | Send-DispatchTask { $env:SSH_CONNECTION.Split()[2] } | Receive-DispatchTask -Wait | Select-Object -Unique"));
        Assert.Equal("Running", Session.Text("$long.State").Single());
        _ssh.Release("go");
        Assert.Equal(["long", "1"], Session.Text("$long | Receive-DispatchTask -Wait; $long.Attempt"));
        Session.Eventually(() => _ssh.GetClients("127.0.0.3").Count == 0, "its session to end");

        Session.Run("Set-Dispatcher d -HostName 127.0.0.2, 127.0.0.3");
        Assert.Equal(["127.0.0.3"], Session.Text("Send-DispatchTask { $env:SSH_CONNECTION.Split()[2] } -HostName 127.0.0.3 | Receive-DispatchTask -Wait"));
    }

    [SshFact]
    public void Executables_run_there()
    {
        Assert.Equal(
            ["127.0.0.2 a", "127.0.0.2 b"],
            Session.Text("'a', 'b' | Invoke-DispatchTask -FilePath sh -ArgumentList { '-c', \"set -- `$SSH_CONNECTION; echo `$3 $_\" } -HostName 127.0.0.2 @ssh -Ordered"));
        _ssh.StartDispatcher();
        Assert.Equal(["Failed", "7", "err", "127.0.0.2"], Session.Text("$t = Send-DispatchTask -FilePath sh -ArgumentList '-c', 'echo err >&2; exit 7' | Wait-DispatchTask; $t.State; $t.ExitCode; $t.StandardError; $t.ComputerName"));
        Assert.Equal(["text in"], Session.Text("Send-DispatchTask -FilePath cat -StandardInput 'text in' | Receive-DispatchTask -Wait"));
        Assert.Equal("ExecutableNotStarted", Session.Run("(Send-DispatchTask -FilePath no-such-program | Wait-DispatchTask).Error[0].FullyQualifiedErrorId").Cast<string>().Single().Split(',')[0]);
    }

    [SshFact]
    public void What_cannot_be_sent_fails_its_task_alone()
    {
        _ssh.StartDispatcher();
        Session.Run("""
            class NoItems : System.Collections.IEnumerable { [System.Collections.IEnumerator] GetEnumerator() { throw [InvalidOperationException]::new('no items') } }
            $bad = [NoItems]::new()
            """);
        Assert.Equal(["Failed", "True"], Session.Text("$t = Send-DispatchTask { 1 } -InputObject $bad | Wait-DispatchTask; $t.State; $t.Exception.Message -like '*no items*'"));
        Assert.Equal(["Failed"], Session.Text("$t = Send-DispatchTask { $args } -ArgumentList $bad | Wait-DispatchTask; $t.State"));
        Assert.Equal(["next"], Session.Text("Send-DispatchTask { 'next' } | Receive-DispatchTask -Wait"));
    }

    [SshTheory]
    [InlineData("Suspend-Dispatcher d", "Pending", "Resume-Dispatcher d")]
    [InlineData("$rest | Stop-DispatchTask", "Stopped", "")]
    public void What_is_sent_and_not_started_is_recalled(string how, string state, string resume)
    {
        _ssh.StartDispatcher("-HostName 127.0.0.2 -Prefetch 5");
        Session.Run("""
            $first = Send-DispatchTask { Set-Content $using:f/on "." -NoNewline; while (-not (Test-Path $using:f/go)) { [Threading.Thread]::Sleep(10) } }
            $rest = 1..6 | Send-DispatchTask { Set-Content $using:f/ran "." }
            """);
        _ssh.WaitForFile("on");
        Invocation ending = Session.Start(how);
        // The first one still runs: they are given back before it ends.
        ending.Finish();
        Session.Eventually(() => Session.Text("$rest.State").All(one => one == state), "all to be " + state + ": " + string.Join(' ', Session.Text("$rest.State")));
        _ssh.Release("go");
        Session.Run("$null = $first | Wait-DispatchTask");
        Assert.False(File.Exists(Path.Combine(_ssh.Folder, "ran")));
        Assert.All(Session.Text("$rest.Attempt"), one => Assert.Equal("0", one));
        if (state == "Pending")
        {
            Session.Run(resume);
            Assert.Equal(["Completed"], Session.Text("$rest | Wait-DispatchTask | ForEach-Object State | Select-Object -Unique"));
        }
    }

    [SshFact]
    public void A_host_that_cannot_be_used_is_told_of_and_others_do_the_work()
    {
        Invocation run = Session.Invoke("1..3 | Invoke-DispatchTask { \"$_\" } -HostName 127.0.0.2, '127.0.0.3:9' @ssh -Ordered");
        Assert.Equal(["1", "2", "3"], run.Text);
        Assert.Empty(run.Errors);

        ErrorRecord error = Session.Fail("Invoke-DispatchTask { 1 } -HostName '127.0.0.2:9', '127.0.0.3:9' @ssh -WarningAction SilentlyContinue");
        Assert.Equal("DispatcherHalted", error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Contains("127.0.0.2: ", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("127.0.0.3: ", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("refused", error.ToString(), StringComparison.Ordinal);
    }
}
