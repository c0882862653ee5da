using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Management.Automation;
using Xunit;

namespace Dispatching.PowerShell.Tests;

/// <summary>Workers that are processes. How they end, and what tasks are stuck in, is in the Pester suite.</summary>
public sealed class ProcessWorkerTests : IDisposable
{
    private readonly Session _session = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("dispatcher worker ").FullName;

    public ProcessWorkerTests()
    {
        PinnedPowerShell.Use();
        _session["f"] = _folder;
    }

    public void Dispose()
    {
        _session.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [UnixFact]
    public void Blocks_arrive_as_blocks_wherever_they_are_given()
    {
        _session.Run("""
            function Get-It($a) { "function $a" }
            $x = 'from using'; $block = { param($a) "block $a" }; $h = @{ Key = { 'of a key' } }
            $d = New-Dispatcher d -Isolation Process -MaxWorkers 1 -TaskTimeout 50 -Function Get-It -Variable @{ v = { 'variable' } } -InitializationScript { $global:begun = "init $using:x" } -CleanupScript { Set-Content $using:f/clean $begun }
            Start-Dispatcher d
            """);
        Assert.Equal(
            ["block 1", "of a key", "argument", "item", "function 2", "variable", "init from using"],
            _session.Text("Send-DispatchTask { param($a) & $using:block 1; & $using:h.Key; & $a; & $_; Get-It 2; & $v; $begun } -ArgumentList { 'argument' } -InputObject { 'item' } | Receive-DispatchTask -Wait"));
        Assert.Equal(["parameter"], _session.Text("Send-DispatchTask { param($a) & $a } -Parameter @{ a = { 'parameter' } } | Receive-DispatchTask -Wait"));
        Assert.Equal(["one", "two"], _session.Text("{ 'one' }, { 'two' } | Send-DispatchTask { $_ | ForEach-Object { & $_ } } -BatchSize 2 | Receive-DispatchTask -Wait"));
        _session.Run("Stop-Dispatcher d -Drain");
        Assert.Equal("init from using", File.ReadAllText(_folder + "/clean").Trim());
    }

    [UnixFact]
    public void A_worker_process_leaves_no_files_behind()
    {
        StartDispatcher();
        string id = _session.Text("Send-DispatchTask { $PID } | Receive-DispatchTask -Wait")[0];
        Assert.NotEmpty(Directory.GetFiles(Path.GetTempPath(), "dotnet-diagnostic-" + id + "-*"));
        _session.Run("Stop-Dispatcher d -Drain");
        Assert.Empty(Directory.GetFiles(Path.GetTempPath(), "*-" + id + "-*"));
        Assert.Empty(Directory.GetFiles(Path.GetTempPath(), "CoreFxPipe_PSHost.*." + id + ".*"));
    }

    [UnixTheory]
    [InlineData("Start-Process cat -Wait")]
    [InlineData("$p = [Diagnostics.Process]::Start('cat'); $p.WaitForExit()")]
    [InlineData("$null = [Console]::OpenStandardInput().Read([byte[]]::new(10), 0, 10)")]
    [InlineData("Start-Process sh '-c', 'echo \"<Data\"; printf \"<Data Stream=\"' -Wait")]
    [InlineData("$o = [Console]::OpenStandardOutput(); $o.Write([Text.Encoding]::ASCII.GetBytes(\"<Data`n\"), 0, 6); $o.Flush()")]
    [InlineData("[Console]::WriteLine('<Data'); [Console]::OutputEncoding = [Text.Encoding]::Unicode")]
    public void What_a_program_reads_or_writes_is_none_of_the_session(string body)
    {
        StartDispatcher();
        Assert.Equal(["begun", "end ü"], _session.Text("Send-DispatchTask { 'begun'; " + body + "; 'end ü' } | Receive-DispatchTask -Wait"));
        Assert.Equal(["next"], _session.Text("Send-DispatchTask { 'next' } | Receive-DispatchTask -Wait"));
    }

    [UnixFact]
    public void A_process_that_ends_while_it_is_set_up_says_how()
    {
        StartDispatcher("-InitializationScript { [Environment]::Exit(9) }");
        Assert.Contains("ended with exit code 9", _session.Text("(Send-DispatchTask { } | Wait-DispatchTask).Exception.Message")[0], StringComparison.Ordinal);
    }

    [UnixFact]
    public void A_process_that_ends_while_it_is_set_up_ends_the_call()
    {
        ErrorRecord error = _session.Fail("1..20 | Invoke-DispatchTask { $_ } -Isolation Process -MaxWorkers 2 -InitializationScript { [Environment]::Exit(9) }");
        Assert.Equal("WorkerSetupFailed", error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Contains("ended with exit code 9", error.ToString(), StringComparison.Ordinal);
    }

    [UnixTheory]
    [InlineData("7", "2")]
    [InlineData("8", "1")]
    [InlineData("NativeCommandExitException", "2")]
    public void RetryOn_sees_the_exit_code_of_a_program_that_a_block_has_called(string condition, string attempts)
    {
        const string Call = "Invoke-DispatchTask { $ErrorActionPreference = 'Stop'; $PSNativeCommandUseErrorActionPreference = $true; Add-Content $using:f/ran x; sh -c 'exit 7' } -InputObject 1 -Timeout 50 -Retry 1 -RetryOn ";
        foreach (string isolation in new[] { "Thread", "Process" })
        {
            Assert.Equal("ProgramExitedWithNonZeroCode", _session.Fail(Call + condition + " -Isolation " + isolation).FullyQualifiedErrorId.Split(',')[0]);
            Assert.Equal([attempts], _session.Text("@(Get-Content $f/ran).Count; Remove-Item $f/ran"));
        }
    }

    [UnixFact]
    public void A_process_that_ends_between_tasks_is_nobody_s_failure()
    {
        StartDispatcher();
        int first = int.Parse(_session.Text("Send-DispatchTask { $PID } | Receive-DispatchTask -Wait")[0], CultureInfo.InvariantCulture);
        using (var process = Process.GetProcessById(first))
        {
            process.Kill();
            Assert.True(process.WaitForExit(Limits.Hang));
        }

        Assert.Equal(["Completed", "1", "True"], _session.Text("$t = Send-DispatchTask { $PID } | Wait-DispatchTask; $t.State; $t.Attempt; $t.Output[0] -ne " + first));
    }

    [UnixTheory]
    [InlineData("Stop-Dispatcher d -Force")]
    [InlineData("Remove-Dispatcher d -Force")]
    [InlineData("Remove-Module Dispatcher")]
    [InlineData("[Management.Automation.Runspaces.Runspace]::DefaultRunspace.CloseAsync()")]
    public void Nothing_is_left_after(string end)
    {
        StartDispatcher();
        _session.Run("$t = Send-DispatchTask { Set-Content $using:f/new $PID; Rename-Item $using:f/new id; [regex]::new('^(a+)+$').IsMatch('a' * 60 + '!') } -Timeout 0");
        Process worker = WaitForWorker();
        _session.Invoke(end);
        AssertEnds(worker);
    }

    [UnixFact]
    public void Nothing_is_left_after_the_host_was_killed()
    {
        // Code that cannot be stopped, and a program in a session of its own.
        string sleep = Processes.LongSleep();
        using Process host = PowerShellHost.Start(PowerShellHost.Create(string.Join('\n',
            "Import-Module '" + StagedModule.Manifest + "'",
            "$f = '" + _folder + "'; $d = New-Dispatcher -Isolation Process -MaxWorkers 2 -TaskTimeout 0; Start-Dispatcher",
            "$null = Send-DispatchTask { & setsid sleep " + sleep + " }",
            "$null = Send-DispatchTask { Set-Content $using:f/new $PID; Rename-Item $using:f/new id; [regex]::new('^(a+)+$').IsMatch('a' * 60 + '!') }",
            "Set-Content $f/host $PID",
            "[Threading.Thread]::Sleep(-1)")));
        Process worker = WaitForWorker();
        Session.Eventually(() => Processes.With(sleep).Count > 1 && File.Exists(_folder + "/host"), "the program to run");
        using (var main = Process.GetProcessById(int.Parse(File.ReadAllText(_folder + "/host"), CultureInfo.InvariantCulture)))
        {
            main.Kill();
        }

        AssertEnds(worker);
        Processes.AssertNone(sleep);
    }

    [UnixFact]
    public void Output_that_cannot_be_sent_fails_its_task_alone()
    {
        StartDispatcher();
        Assert.Equal(["Failed", "Completed"], _session.Text("""
            $t = Send-DispatchTask { $o = [pscustomobject] @{ v = 0 }; 1..60 | ForEach-Object { $o = [pscustomobject] @{ i = $o } }; $o }
            $u = Send-DispatchTask { }
            $t, $u | Wait-DispatchTask | Out-Null; $t.State; $u.State
            """));
        Assert.Contains("nested too deeply", _session.Text("$t.Exception.Message")[0], StringComparison.Ordinal);
    }

    [UnixFact]
    public void An_error_keeps_its_file_line_and_column()
    {
        StartDispatcher();
        string script = Path.Combine(_folder, "Script.ps1");
        File.WriteAllText(script, "\n  Send-DispatchTask {\n    Get-Item nosuchfile } | Wait-DispatchTask");
        var error = (ErrorRecord)_session.One("(& '" + script + "').Error[0]");
        Assert.Equal((script, 3, 5), (error.InvocationInfo.ScriptName, error.InvocationInfo.ScriptLineNumber, error.InvocationInfo.OffsetInLine));
        Assert.StartsWith("PathNotFound", error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [UnixTheory]
    [InlineData("")]
    [InlineData("-Prefetch 1")]
    [InlineData("-Prefetch 40")]
    public void Short_tasks_come_back_whole_however_many_are_on_the_way(string prefetch)
    {
        _session.StartDispatcher("-Isolation Process -MaxWorkers 2 -MaxTasksPerWorker 400 " + prefetch);
        Assert.Equal(["1000", "True", "1000", "0", "0"], _session.Text("""
            $t = 1..1000 | Send-DispatchTask { $_; Write-Warning "w$_"; if ($_ % 10 -eq 0) { throw "no $_" } }
            $null = $t | Wait-DispatchTask
            @($t | Where-Object { $_.Output[0] -eq $_.InputObject -and "$($_.Warning)" -eq "w$($_.InputObject)" }).Count
            @($t | Where-Object State -EQ Failed).ForEach{ "$($_.Exception.Message)" -eq "no $($_.InputObject)" } | Sort-Object -Unique
            $t.ForEach{ "$($_.Id) $($_.Attempt)" }.Where{ $_ -like '* 1' }.Count
            @($t | Where-Object { $_.ComputerName -or $_.Worker -lt 1 }).Count
            @($t | Group-Object Worker | Where-Object Count -GT 400).Count
            """));
    }

    [UnixFact]
    public void Of_very_many_tasks_no_end_is_missed()
    {
        // One in 40,000 was.
        _session.StartDispatcher("-Isolation Process -MinWorkers 2 -MaxWorkers 2 -Prefetch 40 -HistorySize 0");
        Assert.Equal(["10000"], _session.Text("@(1..10000 | Invoke-DispatchTask { $_ } -Dispatcher d -Timeout 40).Count"));
    }

    [UnixTheory]
    [InlineData("[Environment]::FailFast('x')")]
    [InlineData("[Environment]::Exit(3)")]
    [InlineData("Stop-Process -Id $PID -Force; Start-Sleep 60")]
    public void All_that_a_task_wrote_before_its_process_ended_arrives(string end)
    {
        StartDispatcher();
        Assert.Equal(["Failed", "200", "300", "300 y", "last"], _session.Text($$"""
            $t = Send-DispatchTask {
                1..200 | ForEach-Object { Write-Warning "$_" }
                foreach ($i in 1..300) { [pscustomobject]@{ I = $i; Text = 'y' * 20000 } }
                Write-Error last
                {{end}}
            } | Wait-DispatchTask
            $t.State
            $all = $t | Receive-DispatchTask -ErrorAction Continue *>&1
            @($all | Where-Object { $_ -is [System.Management.Automation.WarningRecord] }).Count
            $output = @($all | Where-Object I)
            $output.Count
            "$($output[-1].I) $($output[-1].Text.Substring(0, 1))"
            "$(@($all | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] })[0])"
            """));
    }

    [UnixFact]
    public void What_is_on_the_way_to_a_process_that_ends_runs_once_elsewhere()
    {
        _session.StartDispatcher("-Isolation Process -MaxWorkers 2 -Prefetch 20");
        Assert.Equal(["3", "297", "0", "297"], _session.Text("""
            $t = 1..300 | Send-DispatchTask { if ($_ % 100 -eq 50) { [Environment]::Exit(4) }; Add-Content "$using:f/$_" x; $_ }
            $null = $t | Wait-DispatchTask
            @($t | Where-Object State -EQ Failed | Where-Object { $_.InputObject % 100 -eq 50 -and $_.Exception.Message -like '*exit code 4*' }).Count
            @($t | Where-Object State -EQ Completed).Count
            @($t | Where-Object Attempt -NE 1).Count
            @(Get-ChildItem $f -File | Where-Object { @(Get-Content $_).Count -eq 1 }).Count
            """));
    }

    [UnixFact]
    public void A_task_does_not_wait_behind_one_that_takes_long()
    {
        // Short ones first, so that the workers take others ahead.
        _session.StartDispatcher("-Isolation Process -MinWorkers 2 -MaxWorkers 2 -Prefetch 20 -TaskTimeout 0");
        Assert.Equal(["Running", "Completed"], _session.Text("""
            $null = 1..200 | Send-DispatchTask { $_ } | Wait-DispatchTask
            $t = 1..100 | Send-DispatchTask { if ($_ -eq 7) { while (-not (Test-Path $using:f/go)) { Start-Sleep -Milliseconds 20 } } else { $_ } }
            $null = $t | Where-Object InputObject -NE 7 | Wait-DispatchTask
            ($t | Where-Object InputObject -EQ 7).State
            Set-Content $f/go ''
            ($t | Where-Object InputObject -EQ 7 | Wait-DispatchTask).State
            """));
    }

    [UnixTheory]
    [InlineData("Stop-DispatchTask $t; $null = $t | Wait-DispatchTask", "")]
    [InlineData("Suspend-Dispatcher d; $n = $d.Statistics; Resume-Dispatcher d; $null = $t | Wait-DispatchTask", "")]
    [InlineData("Stop-Dispatcher d -Force; Start-Dispatcher d; $null = $t | Wait-DispatchTask", "")]
    [InlineData("Stop-Dispatcher d; Start-Dispatcher d; $null = $t | Wait-DispatchTask", "")]
    [InlineData("Stop-Dispatcher d -Drain", "")]
    [InlineData("Set-Dispatcher d -MinWorkers 0 -MaxWorkers 1; $null = $t | Wait-DispatchTask", "")]
    [InlineData("$null = $t | Wait-DispatchTask -ErrorAction Ignore", "-MaxFailures 10")]
    [InlineData("$null = $t | Wait-DispatchTask", "-GroupLimit 1")]
    public void Whatever_happens_meanwhile_the_books_are_right(string action, string parameters)
    {
        _session.StartDispatcher("-Isolation Process -MinWorkers 2 -MaxWorkers 2 -Prefetch 10 " + parameters);
        _session.Run("$null = 1..100 | Send-DispatchTask { } | Wait-DispatchTask");
        _session.Invoke("$t = 1..500 | Send-DispatchTask { Add-Content \"$using:f/$_\" x; if ($_ % 20 -eq 0) { throw 'no' }; $_ } -Group { 'g' }\n" + action);
        Assert.Equal(["True", "True", "0"], _session.Text("""
            $s = $d.Statistics
            $s.Sent -eq $s.Completed + $s.Failed + $s.Stopped -and $s.Pending + $s.Running -eq 0
            @($t | Where-Object State -EQ Completed | Where-Object { "$($_.Output)" -ne $_.InputObject -or -not (Test-Path "$f/$($_.InputObject)") }).Count -eq 0
            @(Get-ChildItem $f -File | Where-Object { @(Get-Content $_).Count -ne 1 }).Count
            """));
    }

    private void StartDispatcher(string parameters = "") => _session.StartDispatcher("-Isolation Process -MaxWorkers 1 -StopGrace 0.3 " + parameters);

    private Process WaitForWorker()
    {
        string file = Path.Combine(_folder, "id");
        Session.Eventually(() => File.Exists(file), "the task to run");
        return Process.GetProcessById(int.Parse(File.ReadAllText(file), CultureInfo.InvariantCulture));
    }

    private static void AssertEnds(Process worker)
    {
        using (worker)
        {
            Assert.True(worker.WaitForExit(Limits.Hang), "The worker process is still there.");
        }
    }
}
