BeforeAll {
    . "$PSScriptRoot/Import-StagedModule.ps1"
}

Describe 'New-Dispatcher' {
    AfterEach {
        Get-Dispatcher | Remove-Dispatcher -Force
    }

    It 'makes one that is not started' {
        $d = New-Dispatcher
        $d.Status | Should -Be 'Stopped'
        $d.MinWorkers | Should -Be 1
        $d.MaxWorkers | Should -BeGreaterOrEqual 5
        $d.QueueSize | Should -Be 1000
        $d.TaskTimeout | Should -Be ([timespan]::FromSeconds(10))
        $d.StopGrace | Should -Be ([timespan]::FromSeconds(2))
    }

    It 'reads <Text> as <Seconds> s' -TestCases @(
        @{ Text = 30; Seconds = 30 }
        @{ Text = 1.5; Seconds = 1.5 }
        @{ Text = '30'; Seconds = 30 }
        @{ Text = '00:01:30'; Seconds = 90 }
        @{ Text = New-TimeSpan -Minutes 2; Seconds = 120 }
    ) {
        (New-Dispatcher -TaskTimeout $Text).TaskTimeout.TotalSeconds | Should -Be $Seconds
    }

    It 'takes <Text> as no limit' -TestCases @(@{ Text = 0 }, @{ Text = -1 }, @{ Text = 'Infinite' }) {
        (New-Dispatcher -TaskTimeout $Text).TaskTimeout.TotalMilliseconds | Should -Be -1
    }

    It 'says what is wrong with a duration' {
        { New-Dispatcher -TaskTimeout soon } | Should -Throw "*TaskTimeout*'soon' is not a duration*"
        { New-Dispatcher -StopGrace -1 } | Should -Throw '*StopGrace*'
    }

    It 'refuses a name that is taken' {
        $null = New-Dispatcher same
        { New-Dispatcher same -ErrorAction Stop } | Should -Throw -ErrorId 'DispatcherExists,*' -ExceptionType ([InvalidOperationException])
    }
}

Describe 'Start, Stop, Set, Get and Remove' {
    BeforeEach {
        $d = New-Dispatcher d -MaxWorkers 2 -StopGrace 0.2
    }

    AfterEach {
        Get-Dispatcher | Remove-Dispatcher -Force
    }

    It 'starts and stops without a word' {
        Start-Dispatcher d | Should -BeNullOrEmpty
        $d.Status | Should -Be 'Running'
        Stop-Dispatcher d | Should -BeNullOrEmpty
        $d.Status | Should -Be 'Stopped'
    }

    It 'writes the dispatcher with -PassThru' {
        (Start-Dispatcher d -PassThru).Name | Should -Be 'd'
        (Set-Dispatcher d -MaxWorkers 3 -PassThru).MaxWorkers | Should -Be 3
        (Stop-Dispatcher d -PassThru).Status | Should -Be 'Stopped'
    }

    It 'drains' {
        Start-Dispatcher
        $tasks = 1..20 | Send-DispatchTask { Start-Sleep -Milliseconds 5; $_ }
        Stop-Dispatcher -Drain
        $tasks.State | Sort-Object -Unique | Should -Be 'Completed'
        $d.Statistics.Completed | Should -Be 20
    }

    It 'keeps what is queued for the next start' {
        $tasks = 1..3 | Send-DispatchTask { $_ }
        Start-Dispatcher
        Stop-Dispatcher -Timeout 60
        Start-Dispatcher
        $tasks | Receive-DispatchTask -Wait | Sort-Object | Should -Be 1, 2, 3
    }

    It 'stops what runs with -Force' {
        Start-Dispatcher
        $task = Send-DispatchTask { Start-Sleep -Seconds 1000 } -Timeout 0
        Stop-Dispatcher -Force
        $task.State | Should -BeIn 'Stopped', 'Pending'
        $d.Status | Should -Be 'Stopped'
    }

    It 'gives up after -Timeout and tells the counts' {
        Start-Dispatcher
        $running = [Threading.CountdownEvent]::new(2)
        $tasks = 1..5 | Send-DispatchTask { $null = ($using:running).Signal(); Start-Sleep -Seconds 1000 } -Timeout 0
        $running.Wait(60000) | Should -BeTrue
        Stop-Dispatcher -Drain -Timeout 0.1 -ErrorVariable e -ErrorAction SilentlyContinue
        $e.Count | Should -Be 1
        $e[0].CategoryInfo.Category | Should -Be 'OperationTimeout'
        "$($e[0])" | Should -BeLike '*2 running*3 stay queued*'
        @($tasks | Where-Object State -EQ 'Pending').Count | Should -Be 3
    }

    It 'does nothing with -WhatIf' {
        Start-Dispatcher
        Stop-Dispatcher d -WhatIf 6>$null
        Set-Dispatcher d -MaxWorkers 9 -WhatIf 6>$null
        Remove-Dispatcher d -Force -WhatIf 6>$null
        $d.Status | Should -Be 'Running'
        $d.MaxWorkers | Should -Be 2
        (Get-Dispatcher).Name | Should -Be 'd'
    }

    It 'resizes a running one' {
        Start-Dispatcher
        Set-Dispatcher d -MaxWorkers 4 -MinWorkers 4
        $d.WorkerCount | Should -Be 4
        Set-Dispatcher d -MinWorkers 1 -MaxWorkers 1
        $d.MaxWorkers | Should -Be 1
    }

    It 'asks for -Force to remove a running one' {
        Start-Dispatcher
        { Remove-Dispatcher d -ErrorAction Stop } | Should -Throw -ErrorId 'DispatcherNotStopped,*'
        Remove-Dispatcher d -Force
        Get-Dispatcher | Should -BeNullOrEmpty
    }

    It 'says which names there are not' {
        { Start-Dispatcher nobody -ErrorAction Stop } | Should -Throw "*'nobody'*"
        Get-Dispatcher no* | Should -BeNullOrEmpty
    }

    It 'wants to know which of several' {
        $null = New-Dispatcher e
        { Start-Dispatcher } | Should -Throw -ErrorId 'SeveralDispatchers,*'
        Get-Dispatcher | Start-Dispatcher
        (Get-Dispatcher).Status | Should -Be 'Running', 'Running'
    }

    It 'completes names' {
        $null = New-Dispatcher 'two words'
        foreach ($line in 'Start-Dispatcher ', 'Send-DispatchTask { } -Dispatcher ') {
            (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText | Should -Be 'd', "'two words'"
        }
    }

    It 'is shown as a table' {
        Start-Dispatcher
        Send-DispatchTask { } | Wait-DispatchTask | Out-Null
        $text = Get-Dispatcher | Out-String
        $text | Should -Match 'Name\s+Status\s+Workers\s+Pending\s+Running\s+Completed\s+Failed'
        $text | Should -Match 'd\s+Running\s+1 of 2\s+0\s+0\s+1\s+0'
    }
}
