BeforeAll {
    . "$PSScriptRoot/Import-StagedModule.ps1"
}

Describe 'Receive-DispatchTask' {
    BeforeAll {
        $d = New-Dispatcher d -MaxWorkers 4 -StopGrace 0.2
        Start-Dispatcher d
        $noisy = {
            Write-Output 'out 1'
            Write-Warning 'a warning'
            Write-Error -Message 'an error' -ErrorId MyId -Category DeviceError -TargetObject 'my target'
            $VerbosePreference = $DebugPreference = 'Continue'
            Write-Verbose 'verbose'
            Write-Debug 'debug'
            Write-Information 'information'
            Write-Host 'host'
            Write-Output 'out 2'
        }
    }

    AfterAll {
        Remove-Dispatcher d -Force
    }

    It 'replays every stream into the same stream, in order' {
        $VerbosePreference = $DebugPreference = 'Continue'
        $all = Send-DispatchTask $noisy | Receive-DispatchTask -Wait *>&1
        $all | ForEach-Object { "$_" } | Should -Be 'out 1', 'a warning', 'an error', 'verbose', 'debug', 'information', 'host', 'out 2'
        ($all | ForEach-Object { $_.GetType().Name }) -join ' ' | Should -Be 'String WarningRecord ErrorRecord VerboseRecord DebugRecord InformationRecord InformationRecord String'
    }

    It 'fills the variables of the common parameters' {
        $out = Send-DispatchTask $noisy | Receive-DispatchTask -Wait -ErrorAction SilentlyContinue -WarningAction SilentlyContinue -InformationAction SilentlyContinue -ErrorVariable e -WarningVariable w -InformationVariable i -OutVariable o 6>$null
        $out.Count | Should -Be 2
        $o.Count | Should -Be 2
        $w.Message | Should -Be 'a warning'
        $i.Count | Should -Be 2
        $e.Count | Should -Be 1
        $e[0].FullyQualifiedErrorId | Should -BeLike 'MyId*'
        $e[0].CategoryInfo.Category | Should -Be 'DeviceError'
        $e[0].TargetObject | Should -Be 'my target'
    }

    It 'throws the error of the task with -ErrorAction Stop' {
        $t = Send-DispatchTask { throw [ArgumentException]::new('broken') } | Wait-DispatchTask
        { $t | Receive-DispatchTask -ErrorAction Stop } | Should -Throw 'broken'
    }

    It 'names the line of the script that failed' {
        $script = Join-Path $TestDrive 'work.ps1'
        Set-Content $script "# one`n'two'`nSend-DispatchTask { `n  throw 'line four'`n} -Dispatcher d"
        & $script | Where-Object { $_ -isnot [string] } | Receive-DispatchTask -Wait -ErrorAction SilentlyContinue -ErrorVariable e
        $e[0].InvocationInfo.ScriptName | Should -Be $script
        $e[0].InvocationInfo.ScriptLineNumber | Should -Be 4
    }

    It 'empties the task unless -Keep' {
        $t = Send-DispatchTask { 1, 2 } | Wait-DispatchTask
        $t | Receive-DispatchTask -Keep | Should -Be 1, 2
        $t | Receive-DispatchTask | Should -Be 1, 2
        $t | Receive-DispatchTask | Should -BeNullOrEmpty
    }

    It 'is ended by Select-Object -First, and leaves the rest with the tasks' {
        $t = 1..3 | Send-DispatchTask { $_ } | Wait-DispatchTask
        $t | Receive-DispatchTask -Wait -Ordered | Select-Object -First 1 | Should -Be 1
        $t.Count | Should -Be 3
        Send-DispatchTask { 'on' } | Receive-DispatchTask -Wait | Select-Object -First 1 | Should -Be 'on'
    }

    It 'does not wait for a task behind Select-Object -First' {
        $never = [Threading.ManualResetEventSlim]::new()
        $t = @(Send-DispatchTask { 'first'; ($using:never).Wait() } -Timeout 0)
        $t | Receive-DispatchTask -Wait | Select-Object -First 1 | Should -Be 'first'
        $t.State | Should -Be 'Running'
        $never.Set()
        $t | Wait-DispatchTask | Out-Null
    }

    It 'says how many have not ended when its -Timeout runs out' {
        $never = [Threading.ManualResetEventSlim]::new()
        $t = Send-DispatchTask { ($using:never).Wait() } -Timeout 0
        { $t | Receive-DispatchTask -Wait -Timeout 0.1 -ErrorAction Stop } | Should -Throw -ErrorId 'TasksNotEnded,*'
        $never.Set()
    }
}

Describe 'Get-, Wait- and Stop-DispatchTask' {
    BeforeAll {
        $d = New-Dispatcher d -MaxWorkers 2 -StopGrace 0.2
        Start-Dispatcher d
    }

    AfterAll {
        Remove-Dispatcher d -Force
    }

    It 'finds tasks by id, name and state' {
        $t = @(Send-DispatchTask { } -Name good; Send-DispatchTask { throw 1 } -Name bad) | Wait-DispatchTask
        (Get-DispatchTask -Name go*).Id | Should -Be $t[0].Id
        (Get-DispatchTask -Id $t[1].Id).Name | Should -Be 'bad'
        (Get-DispatchTask -State Failed).Name | Should -Be 'bad'
        { Get-DispatchTask -Id 999999999 -ErrorAction Stop } | Should -Throw -ErrorId 'TaskNotFound,*'
    }

    It 'waits for all, or for any' {
        $never = [Threading.ManualResetEventSlim]::new()
        $t = 'slow', 'fast' | Send-DispatchTask { if ($_ -eq 'slow') { ($using:never).Wait() } } -Timeout 0
        ($t | Wait-DispatchTask -Any).InputObject | Should -Be 'fast'
        ($t | Wait-DispatchTask -Timeout 0.1).InputObject | Should -Be 'fast'
        $never.Set()
        @($t | Wait-DispatchTask).Count | Should -Be 2
    }

    It 'stops tasks, whatever they do' {
        $t = Send-DispatchTask { while ($true) { try { Start-Sleep -Seconds 1000 } catch { continue } } } -Timeout 0
        $t | Stop-DispatchTask | Should -BeNullOrEmpty
        $t.State | Should -Be 'Stopped'
    }
}
