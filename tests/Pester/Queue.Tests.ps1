BeforeAll {
    . "$PSScriptRoot/Import-StagedModule.ps1"
}

Describe 'The queue' {
    AfterEach {
        Get-Dispatcher | Remove-Dispatcher -Force
    }

    It 'waits for room' {
        $null = New-Dispatcher d -QueueSize 5
        Start-Dispatcher
        (1..200 | Send-DispatchTask { $_ } | Receive-DispatchTask -Wait | Measure-Object -Sum).Sum | Should -Be 20100
    }

    It 'says so when nothing would ever make room' {
        $null = New-Dispatcher d -QueueSize 2
        { 1..3 | Send-DispatchTask { } -ErrorAction Stop } | Should -Throw '*full (2 tasks)*not running*'
    }

    It 'rejects' {
        $d = New-Dispatcher d -QueueSize 2 -QueueFullMode Reject
        $t = 1..5 | Send-DispatchTask { } -ErrorAction SilentlyContinue -ErrorVariable e
        $t.Count | Should -Be 2
        $e.Count | Should -Be 3
        $e[0].CategoryInfo.Category | Should -Be 'LimitsExceeded'
        $d.Statistics.Rejected | Should -Be 3
    }

    It 'overflows' {
        $d = New-Dispatcher d -QueueSize 2 -QueueFullMode Overflow
        $t = 1..50 | Send-DispatchTask { $_ }
        $d.Statistics.Pending | Should -Be 50
        Start-Dispatcher
        Stop-Dispatcher -Drain
        @($t | Receive-DispatchTask).Count | Should -Be 50
    }

    It 'takes thousands of tasks' {
        $null = New-Dispatcher d -MaxWorkers 4
        Start-Dispatcher
        (1..10000 | Send-DispatchTask { $_ } | Receive-DispatchTask -Wait | Measure-Object -Sum).Sum | Should -Be 50005000
    }
}

Describe 'The module' {
    It 'ends everything when it is removed' {
        $d = New-Dispatcher d -StopGrace 0.2
        Start-Dispatcher
        $t = Send-DispatchTask { Start-Sleep -Seconds 1000 } -Timeout 0
        Remove-Module Dispatcher
        $d.Status | Should -Be 'Stopped'
        $t.State | Should -Be 'Stopped'
        . "$PSScriptRoot/Import-StagedModule.ps1"
        Get-Dispatcher | Should -BeNullOrEmpty
    }

    It 'has a manifest that is valid and readable' {
        $manifest = (Get-Module Dispatcher).Path -replace 'psm1$', 'psd1'
        (Test-ModuleManifest $manifest).ExportedCommands.Count | Should -Be (Get-Command -Module Dispatcher).Count
        (Import-PowerShellDataFile $manifest).PowerShellVersion | Should -Be '5.1'
    }

    It 'uses approved verbs' {
        Get-Command -Module Dispatcher | Where-Object Verb -NotIn (Get-Verb).Verb | Should -BeNullOrEmpty
    }

    It 'is found by its name, and loaded when a cmdlet is called' {
        $modules = Split-Path (Split-Path (Split-Path (Get-Module Dispatcher).Path))
        $powershell = Get-PowerShellCommand
        $out = & $powershell.Program $powershell.Arguments -NoProfile -Command "`$env:PSModulePath = '$modules' + [IO.Path]::PathSeparator + `$env:PSModulePath; `$null = New-Dispatcher; Start-Dispatcher; 1..3 | Send-DispatchTask { `$_ + 1 } | Receive-DispatchTask -Wait -Ordered"
        $out | Should -Be 2, 3, 4
    }

    It 'does not keep the host from ending' {
        $powershell = Get-PowerShellCommand
        $manifest = (Get-Module Dispatcher).Path -replace 'psm1$', 'psd1'
        $out = & $powershell.Program $powershell.Arguments -NoProfile -Command "Import-Module '$manifest'; `$null = New-Dispatcher -StopGrace 0.2; Start-Dispatcher; `$null = 1..3 | Send-DispatchTask { while (`$true) { try { Start-Sleep -Seconds 1000 } catch { } } } -Timeout 0; 'ended'; exit 5"
        $out | Should -Be 'ended'
        $LASTEXITCODE | Should -Be 5
    }
}
