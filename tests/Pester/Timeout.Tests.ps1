BeforeDiscovery {
    $stuck = @(
        @{ What = 'a busy loop'; Body = 'while ($true) { }' }
        @{ What = 'Start-Sleep'; Body = 'Start-Sleep -Seconds 1000' }
        @{ What = 'a finally that blocks'; Body = 'try { while ($true) { } } finally { Start-Sleep -Seconds 1000 }' }
        @{ What = 'a loop that catches everything'; Body = 'while ($true) { try { [Threading.Thread]::Sleep(100000) } catch { } }' }
        @{ What = 'a .NET wait'; Body = '[Threading.Tasks.Task]::Delay(100000).Wait()' }
        @{ What = 'Wait-Event'; Body = 'Wait-Event' }
        @{ What = 'a job'; Body = 'Start-Job { Start-Sleep -Seconds 1000 } | Wait-Job' }
    )
    if ($PSVersionTable.PSVersion.Major -ge 7) {
        $stuck += @{ What = 'a nested -Parallel'; Body = '1..2 | ForEach-Object -Parallel { [Threading.Thread]::Sleep(6000) }' }
    }
}

BeforeAll {
    . "$PSScriptRoot/Import-StagedModule.ps1"

    # A named pipe with a reader, which ends when the last process that has the pipe open for writing is gone. Whether a
    # process is gone cannot be asked of the process itself: where nobody collects it, it stays in the list.
    function Initialize-Pipe([string] $Name) {
        $path = Join-Path $TestDrive $Name
        & mkfifo $path
        [pscustomobject] @{ Path = $path; Reader = Start-Process cat -ArgumentList "`"$path`"" -PassThru }
    }

    function Wait-Writer([object] $Pipe) {
        $ended = $Pipe.Reader.WaitForExit(60000)
        if (-not $ended) { $Pipe.Reader.Kill() }
        $ended | Should -BeTrue -Because 'the processes that have the pipe open are to end'
    }
}

Describe 'A timeout' -Tag Slow {
    BeforeAll {
        $d = New-Dispatcher d -MaxWorkers 2 -StopGrace 0.3
        Start-Dispatcher d
        1..2 | Send-DispatchTask { } -Timeout 0 | Wait-DispatchTask | Out-Null
    }

    AfterAll {
        Remove-Dispatcher d -Force
    }

    It 'ends <What>' -TestCases $stuck {
        $t = 'the item' | Send-DispatchTask ([scriptblock]::Create("'begun'; $Body; 'not reached'")) -Timeout 0.5 -Name stuck | Wait-DispatchTask
        $t.State | Should -Be 'TimedOut'
        $t.Exception | Should -BeOfType ([TimeoutException])
        $t.Exception.Message | Should -BeLike "*$($t.Id) 'stuck'*0.5 s*'the item'*"
        { $t | Receive-DispatchTask -ErrorAction Stop } | Should -Throw -ErrorId 'TaskTimedOut*'
        $both = [Threading.CountdownEvent]::new(2)
        1..2 | Send-DispatchTask { $null = ($using:both).Signal(); ($using:both).Wait(60000) } -Timeout 0 | Receive-DispatchTask -Wait | Should -Be $true, $true
    }

    It 'leaves no process of a script block' -Skip:($IsWindows -or $PSVersionTable.PSVersion.Major -lt 6) {
        $n = '2000.' + (Get-Random -Minimum 100000000)
        $pipe = Initialize-Pipe $n
        $t = Send-DispatchTask { & sh -c "exec 3> '$(($using:pipe).Path)'; sleep $using:n & wait" } -Timeout 1 | Wait-DispatchTask
        $t.State | Should -Be 'TimedOut'
        Wait-Writer $pipe
        @(Get-Process -Name sleep -ErrorAction SilentlyContinue | Where-Object CommandLine -Match $n).Count | Should -Be 0
    }

    It 'leaves no process of an executable' -Skip:($IsWindows -or $PSVersionTable.PSVersion.Major -lt 6) {
        $n = '2000.' + (Get-Random -Minimum 100000000)
        $pipe = Initialize-Pipe $n
        $t = Send-DispatchTask -FilePath sh -ArgumentList '-c', "exec 3> '$($pipe.Path)'; trap '' TERM; sleep $n & while :; do wait; done" -Timeout 1 | Wait-DispatchTask
        $t.State | Should -Be 'TimedOut'
        Wait-Writer $pipe
        @(Get-Process -Name sleep -ErrorAction SilentlyContinue | Where-Object CommandLine -Match $n).Count | Should -Be 0
    }

    It 'ends a job that the task has started through PowerShell, and leaves those of earlier tasks alone' {
        Set-Dispatcher d -MaxWorkers 1
        $kept = Send-DispatchTask { Start-Job { $PID; Start-Sleep -Seconds 1000 } } -Timeout 0 | Receive-DispatchTask -Wait
        [Threading.SpinWait]::SpinUntil({ $kept.ChildJobs[0].Output.Count -gt 0 }, 60000) | Should -BeTrue
        $t = Send-DispatchTask { Start-Job { Start-Sleep -Seconds 1000 }; while ($true) { } } -Timeout 1 | Wait-DispatchTask
        $t.State | Should -Be 'TimedOut'
        ($t.Output[0] | Wait-Job -Timeout 60).State | Should -Be 'Stopped'
        $kept.State | Should -Be 'Running'
        Get-Process -Id $kept.ChildJobs[0].Output[0] | Should -HaveCount 1
        Set-Dispatcher d -MaxWorkers 2
    }

    It 'ends a thread job that the task has started, and leaves those of earlier tasks alone' -Skip:(-not (Get-Command Start-ThreadJob -ErrorAction SilentlyContinue)) {
        Set-Dispatcher d -MaxWorkers 1
        $kept = Send-DispatchTask { Start-ThreadJob { Start-Sleep -Seconds 1000 } -ThrottleLimit 100 } -Timeout 0 | Receive-DispatchTask -Wait
        $t = Send-DispatchTask { Start-ThreadJob { Start-Sleep -Seconds 1000 }; while ($true) { } } -Timeout 3 | Wait-DispatchTask
        $t.State | Should -Be 'TimedOut'
        ($t.Output[0] | Wait-Job -Timeout 60).State | Should -Be 'Stopped'
        $kept.State | Should -Be 'Running'
        $kept | Stop-Job
        Set-Dispatcher d -MaxWorkers 2
    }

    It 'is retried' {
        $t = Send-DispatchTask { Start-Sleep -Seconds 1000 } -Timeout 0.2 -Retry 1 | Wait-DispatchTask
        $t.State | Should -Be 'TimedOut'
        $t.Attempt | Should -Be 2
    }
}
