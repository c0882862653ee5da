BeforeAll {
    . "$PSScriptRoot/Import-StagedModule.ps1"
}

Describe 'Events' {
    BeforeEach {
        $d = New-Dispatcher d -MinWorkers 0 -MaxWorkers 2 -TaskTimeout 50
    }

    AfterEach {
        Get-EventSubscriber -SourceIdentifier dispatcher.* -ErrorAction SilentlyContinue | Unregister-Event
        Get-Event -SourceIdentifier dispatcher.* -ErrorAction SilentlyContinue | Remove-Event
        Get-Job dispatcher.* -ErrorAction SilentlyContinue | Remove-Job -Force
        Get-Dispatcher | Remove-Dispatcher -Force
    }

    It 'come to Register-ObjectEvent' {
        Register-ObjectEvent $d TaskFinished -SourceIdentifier dispatcher.finished
        Start-Dispatcher
        $t = 1..3 | Send-DispatchTask { if ($_ -eq 2) { throw 'two' } } | Wait-DispatchTask
        $told = foreach ($task in $t) { ($e = Wait-Event dispatcher.finished -Timeout 60).SourceEventArgs.Task; $e | Remove-Event }
        $told.Count | Should -Be 3
        ($told | Where-Object State -EQ Failed).InputObject | Should -Be 2
        $told | ForEach-Object { $t | Should -Contain $_ }
    }

    It 'run the action of Register-ObjectEvent' {
        $global:dispatcherTold = [System.Collections.ArrayList]::new()
        $null = Register-ObjectEvent $d StatusChanged -SourceIdentifier dispatcher.status -Action {
            $null = $global:dispatcherTold.Add($Event)
            $null = New-Event dispatcher.told
        }
        Start-Dispatcher
        Stop-Dispatcher -Drain
        foreach ($i in 1..4) { Wait-Event dispatcher.told -Timeout 60 | Remove-Event }

        # PowerShell hands events on through the thread pool; their numbers have the order in which they were raised.
        $told = $global:dispatcherTold | Sort-Object EventIdentifier | ForEach-Object { $_.SourceEventArgs.NewStatus }
        Remove-Variable dispatcherTold -Scope Global
        $told | Should -Be Running, Draining, Stopping, Stopped
    }

    It 'come to a script block, in the session it is from' {
        $told = [System.Collections.Concurrent.ConcurrentQueue[string]]::new()
        $d.add_TaskFinished({ param($source, $e) $told.Enqueue("$($source.Name) $($e.Task.Name) $($e.Task.State)"); New-Event dispatcher.told }.GetNewClosure())
        Start-Dispatcher
        $null = Send-DispatchTask { 1 } -Name first | Wait-DispatchTask
        $null = Wait-Event dispatcher.told -Timeout 60
        $told | Should -Be 'd first Completed'
    }

    It 'tell of growth, and of a worker that was given up' {
        Register-ObjectEvent $d Scaled -SourceIdentifier dispatcher.scaled
        Register-ObjectEvent $d WorkerReplaced -SourceIdentifier dispatcher.replaced
        Set-Dispatcher d -StopGrace 0.1
        Start-Dispatcher
        $t = Send-DispatchTask { [regex]::new('^(a+)+$', 'None', [timespan]::FromSeconds(5)).IsMatch('a' * 60 + '!') } -Timeout 0.2
        $scaled = (Wait-Event dispatcher.scaled -Timeout 60).SourceEventArgs
        $scaled.OldCount | Should -Be 0
        $scaled.NewCount | Should -Be 1
        $replaced = (Wait-Event dispatcher.replaced -Timeout 60).SourceEventArgs
        $replaced.Task | Should -Be $t
        $replaced.NewWorker | Should -BeGreaterThan $replaced.OldWorker
        $t.State | Should -Be TimedOut
    }
}
