BeforeAll {
    . "$PSScriptRoot/Import-StagedModule.ps1"
}

Describe '<Source> -AsJob' -ForEach @(@{ Source = 'Invoke-DispatchTask' }, @{ Source = 'Send-DispatchTask' }) {
    BeforeAll {
        $null = New-Dispatcher d -StopGrace 0.3 -TaskTimeout 50
        Start-Dispatcher d
    }

    AfterEach {
        Get-Job | Remove-Job -Force
    }

    AfterAll {
        Remove-Dispatcher d -Force
    }

    It 'returns one job that the job cmdlets know' {
        $job = 1..3 | & $Source { $_ } -AsJob -Name mine
        $job | Should -BeOfType ([System.Management.Automation.Job])
        $job.ChildJobs | Should -BeNullOrEmpty
        Get-Job -Name mine | Should -Be $job
        Get-Job -Id $job.Id | Should -Be $job
        ($job | Wait-Job -Timeout 60).State | Should -Be 'Completed'
        $job.HasMoreData | Should -BeTrue
        $job | Receive-Job -Keep | Sort-Object | Should -Be 1, 2, 3
        $job | Receive-Job | Sort-Object | Should -Be 1, 2, 3
        $job.HasMoreData | Should -BeFalse
        $job | Receive-Job | Should -BeNullOrEmpty
    }

    It 'is received while it runs, and removed at its end' {
        1..3 | & $Source { $_ } -AsJob | Receive-Job -Wait -AutoRemoveJob | Sort-Object | Should -Be 1, 2, 3
        Get-Job | Should -BeNullOrEmpty
    }

    It 'has all streams' {
        $job = & $Source { Write-Warning 'w'; Write-Error 'e'; Write-Information 'i'; Write-Host 'h'; Write-Progress 'p'; 'o' } -AsJob | Wait-Job -Timeout 60
        $job.State | Should -Be 'Completed'
        $all = $job | Receive-Job *>&1
        ($all | ForEach-Object { "$_" } | Sort-Object) -join ' ' | Should -Be 'e h i o w'
        $job.HasMoreData | Should -BeFalse
    }

    It 'fails when a task fails, and its error keeps its position' {
        $job = 1..3 | & $Source { if ($_ -eq 2) { throw 'bad' }; $_ } -AsJob | Wait-Job -Timeout 60
        $job.State | Should -Be 'Failed'
        $job | Receive-Job -ErrorAction SilentlyContinue -ErrorVariable e | Sort-Object | Should -Be 1, 3
        "$e" | Should -Be 'bad'
        $e[0].InvocationInfo.ScriptName | Should -Be $PSCommandPath
    }

    It 'times out' {
        $job = & $Source { while ($true) { } } -AsJob -Timeout 0.3 | Wait-Job -Timeout 60
        $job.State | Should -Be 'Failed'
        { $job | Receive-Job -ErrorAction Stop } | Should -Throw -ErrorId 'TaskTimedOut*'
    }

    It 'is stopped when Stop-Job returns, though a task is stuck' {
        $begun = [Threading.ManualResetEventSlim]::new()
        $job = & $Source { ($using:begun).Set(); try { while ($true) { } } finally { [Threading.Thread]::Sleep(1000000) } } -AsJob -Timeout 0
        $begun.Wait(60000) | Should -BeTrue
        $job | Stop-Job
        $job.State | Should -Be 'Stopped'
    }

    It 'is removed by force while it runs' {
        $begun = [Threading.ManualResetEventSlim]::new()
        $job = & $Source { ($using:begun).Set(); Start-Sleep -Seconds 1000 } -AsJob -Timeout 0
        $begun.Wait(60000) | Should -BeTrue
        $job | Remove-Job -Force
        Get-Job | Should -BeNullOrEmpty
    }

    It 'raises StateChanged' {
        $gate = [Threading.ManualResetEventSlim]::new()
        $job = & $Source { $null = ($using:gate).Wait(60000) } -AsJob
        $null = Register-ObjectEvent $job StateChanged -SourceIdentifier jobEnded
        try {
            $gate.Set()
            (Wait-Event jobEnded -Timeout 60).SourceEventArgs.JobStateInfo.State | Should -Be 'Completed'
        }
        finally {
            Unregister-Event jobEnded
            Remove-Event jobEnded -ErrorAction SilentlyContinue
        }
    }

    It 'waits for any' {
        $gate = [Threading.ManualResetEventSlim]::new()
        $slow = & $Source { $null = ($using:gate).Wait(60000) } -AsJob
        $quick = & $Source { 1 } -AsJob
        $slow, $quick | Wait-Job -Any -Timeout 60 | Should -Be $quick
        $slow.State | Should -Be 'Running'
        $gate.Set()
        ($slow, $quick | Wait-Job -Timeout 60).Count | Should -Be 2
    }

    It 'spans 10,000 tasks' {
        (1..10000 | & $Source { $_ } -AsJob | Receive-Job -Wait | Measure-Object -Sum).Sum | Should -Be 50005000
    }
}
