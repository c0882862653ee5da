BeforeAll {
    . "$PSScriptRoot/Import-StagedModule.ps1"

    function ConvertTo-Screen {
        param([int] $Width = 80)
        ($input | Out-String -Width $Width) -split '\r?\n'
    }
}

Describe 'The views' {
    BeforeAll {
        $d = New-Dispatcher d -MaxWorkers 2 -StopGrace 0.2
        Start-Dispatcher d
        $fine = Send-DispatchTask { 'text'; Write-Warning 'careful' } -Name 'fine' -InputObject (Get-Item -LiteralPath $PSScriptRoot)
        $bad = Send-DispatchTask { throw 'bad' } -Name 'with a name that is too long for it'
        $exit = Send-DispatchTask { exit -1073741510 }
        $stopped = Send-DispatchTask { Start-Sleep 100 }
        Stop-DispatchTask -InputObject $stopped
        $all = $fine, $bad, $exit, $stopped | Wait-DispatchTask
    }

    AfterAll {
        Remove-Dispatcher d -Force
    }

    It 'shows tasks in a table of 80 columns, and cuts no state, duration or result' {
        $screen = $all | ConvertTo-Screen
        $screen | ForEach-Object { $_.Length | Should -BeLessOrEqual 80 }
        $screen[1] | Should -Match '^\s+Id Name\s+State\s+Duration Result\s+Input$'
        $screen -match 'fine' | Should -Match 'Completed\s+\S+ m?s '
        $screen -match 'Task\d' | Should -Match 'Failed.+ -1073741510|Stopped'
        $screen -match 'with a name' | Should -Match 'Failed.+errors'
    }

    It 'gives names the width there is, and says why a task waits' {
        ($all | ConvertTo-Screen -Width 120) -match 'with a name that is too long for it' | Should -HaveCount 1
        $waiting = Send-DispatchTask { } -Dispatcher (New-Dispatcher waiting)
        ($waiting | ConvertTo-Screen) -match 'Pending +NotStarted' | Should -HaveCount 1
        $waiting | Format-List | ConvertTo-Screen | Should -Contain 'PendingReason : NotStarted'
        Remove-Dispatcher waiting
    }

    It 'shows a list of a task without objects in it, and its error' {
        $screen = $bad | Format-List | ConvertTo-Screen
        $screen -match 'Dispatching\.' | Should -BeNullOrEmpty
        $screen | Should -Contain 'Dispatcher  : d'
        $screen | Should -Contain 'State       : Failed'
        $screen | Should -Contain 'Exception   : RuntimeException: bad'
        $screen -match '^Warning' | Should -BeNullOrEmpty
        $fine | Format-List | ConvertTo-Screen | Should -Contain 'Warning     : careful'
    }

    It 'shows a dispatcher and its statistics in 80 columns' {
        foreach ($object in $d, $d.Statistics) {
            $table = $object | ConvertTo-Screen
            $table | ForEach-Object { $_.Length | Should -BeLessOrEqual 80 }
            $table | Should -Not -Match '\u2026|\.\.\.'
            ($table | Where-Object { $_ }).Count | Should -Be 3
        }

        $list = $d | Format-List | ConvertTo-Screen
        $list | Should -Not -Match 'Dispatching\.'
        $list | Should -Contain 'TaskTimeout       : 10.0 s'
        $list | Should -Contain 'Failed            : 2'
    }

    It 'gives way to a selection of one''s own' {
        @($bad | Format-Table Name, State | ConvertTo-Screen) -match '^Name +State *$' | Should -HaveCount 1
        ($bad | Format-List * | ConvertTo-Screen) -match '^View' | Should -BeNullOrEmpty
    }

    It 'colours states only where the output shows colours' -Skip:($PSVersionTable.PSVersion -lt '7.2') {
        $before = $PSStyle.OutputRendering
        try {
            $PSStyle.OutputRendering = 'Ansi'
            $bad | Out-String | Should -Match '\e\[31mFailed\e\[0m'
            $PSStyle.OutputRendering = 'PlainText'
            $bad | Out-String | Should -Not -Match '\e'
            $PSStyle.OutputRendering = 'Host'
            $bad | Out-String | Should -Not -Match '\e'
        }
        finally {
            $PSStyle.OutputRendering = $before
        }
    }

    It 'writes no colours into a pipe or with NO_COLOR' -Skip:($PSVersionTable.PSVersion -lt '7.2') {
        $manifest = (Get-Module Dispatcher).Path -replace 'psm1$', 'psd1'
        $script = "Import-Module '$manifest'; `$null = New-Dispatcher child; Start-Dispatcher child; Send-DispatchTask { throw 'bad' } | Wait-DispatchTask"
        $powershell = Get-PowerShellCommand
        $before = $env:NO_COLOR
        try {
            $env:NO_COLOR = $null
            $text = & $powershell.Program $powershell.Arguments -NoProfile -Command $script | Out-String
            $text | Should -Match 'Failed' -Because 'the table is there'
            $text | Should -Not -Match '\e\[31mFailed'
            $env:NO_COLOR = '1'
            (& $powershell.Program $powershell.Arguments -NoProfile -Command "$script | Out-String") | Should -Not -Match '\e'
        }
        finally {
            $env:NO_COLOR = $before
        }
    }

    It 'looks the same in a constrained session' {
        $manifest = (Get-Module Dispatcher).Path -replace 'psm1$', 'psd1'
        $shell = [powershell]::Create()
        try {
            $null = $shell.AddScript("Import-Module '$manifest'; `$null = New-Dispatcher child; Start-Dispatcher child; `$t = Send-DispatchTask { throw 'bad' } | Wait-DispatchTask
                `$ExecutionContext.SessionState.LanguageMode = 'ConstrainedLanguage'; `$t | Format-Table | Out-String; `$t | Format-List | Out-String; Remove-Dispatcher child -Force")
            $text = $shell.Invoke() -join "`n" -replace '\e\[[0-9;]*m'
            $shell.Streams.Error | Should -BeNullOrEmpty
            $text | Should -Match 'Failed +\S+ m?s errors'
            $text | Should -Match 'Exception +: RuntimeException: bad'
        }
        finally {
            $shell.Dispose()
        }
    }
}

Describe 'Objects in files' {
    BeforeAll {
        $d = New-Dispatcher d -MaxWorkers 2
        Start-Dispatcher d
        $tasks = 'a', 'b' | Send-DispatchTask { if ($_ -eq 'b') { throw 'bad' } } | Wait-DispatchTask
    }

    AfterAll {
        Remove-Dispatcher d -Force
    }

    It 'has summaries that make rows' {
        $rows = $tasks.Summary | ConvertTo-Csv | ConvertFrom-Csv
        $rows.Count | Should -Be 2
        $rows.State | Should -Be 'Completed', 'Failed'
        $rows.Input | Should -Be 'a', 'b'
        $rows[1].ErrorMessage | Should -Be 'bad'
        $rows.Dispatcher | Should -Be 'd', 'd'
        $rows[0].psobject.Properties.Value | Should -Not -Match 'System\.|Dispatching\.'
        [double]::Parse($rows[0].DurationSeconds) | Should -BeGreaterOrEqual 0
    }

    It 'has summaries that make flat JSON' {
        foreach ($object in @($tasks) + $d) {
            $json = $object.Summary | ConvertTo-Json -Depth 1 -WarningVariable warnings
            $warnings | Should -BeNullOrEmpty
            ($json | ConvertFrom-Json).psobject.Properties | Where-Object { $_.Value -is [psobject] -and $_.Value -isnot [string] -and $_.Value -isnot [valuetype] } | Should -BeNullOrEmpty
        }

        ($tasks[1].Summary | ConvertTo-Json | ConvertFrom-Json).State | Should -Be 'Failed'
        ($d.Summary | ConvertTo-Json | ConvertFrom-Json).Failed | Should -Be 1
    }

    It 'writes statistics flat as they are' {
        ($d.Statistics | ConvertTo-Json -Depth 1 | ConvertFrom-Json).Completed | Should -Be 1
        ($d.Statistics | ConvertTo-Csv | ConvertFrom-Csv).Failed | Should -Be 1
        "$d" | Should -Be 'd'
    }

    It 'names a dispatcher where a column would name its type' {
        ($tasks | ConvertTo-Csv | ConvertFrom-Csv).Dispatcher | Should -Be 'd', 'd'
        ($d | ConvertTo-Csv | ConvertFrom-Csv).Statistics | Should -BeLike '2 sent:*'
    }
}

Describe 'Objects that have been away' {
    It 'shows a task and a dispatcher as before, without what hangs on them' {
        $d = New-Dispatcher away
        try {
            Start-Dispatcher away
            $task = Send-DispatchTask { Write-Warning 'careful'; throw 'bad' } -InputObject 'item' | Wait-DispatchTask
            $copy, $pool = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize(@($task, $d), 3))
            ($copy | ConvertTo-Screen) -match 'Failed.+errors +item' | Should -HaveCount 1
            $copy | Format-List | ConvertTo-Screen | Should -Contain 'Exception   : RuntimeException: bad'
            $copy.psobject.Properties.Name | Should -Not -Contain 'Exception'
            $copy.psobject.Properties.Name | Should -Not -Contain 'Dispatcher'
            $copy.Summary.ErrorMessage | Should -Be 'bad'
            ($pool | ConvertTo-Screen) -match '^away +Running +1 of \d+ +0 +0 +0 +1 +0$' | Should -HaveCount 1
        }
        finally {
            Remove-Dispatcher away -Force
        }
    }
}

Describe 'Completion' {
    It 'offers programs by their path, and what the session has' {
        function global:Get-FormattingThing { }
        try {
            $program = (Get-PowerShellCommand).Program
            $line = "Send-DispatchTask -FilePath $program"
            (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText.Trim("'") | Should -Contain $program
            $line = 'New-Dispatcher -Function Get-FormattingT'
            (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText | Should -Be 'Get-FormattingThing'
            $line = 'New-Dispatcher -Module Microsoft.PowerShell.Ut'
            (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText | Should -Contain 'Microsoft.PowerShell.Utility'
        }
        finally {
            Remove-Item function:global:Get-FormattingThing
        }
    }
}

Describe 'Progress' {
    It 'is shown below the cmdlet and taken down at the end' {
        $shell = [powershell]::Create()
        try {
            $manifest = (Get-Module Dispatcher).Path -replace 'psm1$', 'psd1'
            $null = $shell.AddScript("Import-Module '$manifest'; 1..4 | Invoke-DispatchTask { if (`$_ -gt 2) { (`$using:gate).Wait() } } -MaxWorkers 2")
            $gate = [System.Threading.ManualResetEventSlim]::new()
            $shell.Runspace.SessionStateProxy.SetVariable('gate', $gate)
            $running = $shell.BeginInvoke()
            $limit = [System.Diagnostics.Stopwatch]::StartNew()
            while (-not ($shell.Streams.Progress -match '2 of 4 done, 2 running') -and $limit.Elapsed.TotalSeconds -lt 60) {
                $null = $running.AsyncWaitHandle.WaitOne(20)
            }

            $gate.Set()
            $null = $shell.EndInvoke($running)
            $shell.Streams.Progress[-1].RecordType | Should -Be 'Completed'
            ($shell.Streams.Progress | Where-Object Activity -EQ 'Invoke-DispatchTask').Count | Should -BeGreaterThan 1
        }
        finally {
            $shell.Dispose()
        }
    }
}

Describe 'A second import' {
    It 'shows the same, and so does one after a removal' {
        Import-Module ((Get-Module Dispatcher).Path -replace 'psm1$', 'psd1') -Force
        (New-Dispatcher again | ConvertTo-Screen) -match '^again +Stopped +0 of ' | Should -HaveCount 1
        . "$PSScriptRoot/Import-StagedModule.ps1"
        (New-Dispatcher removed | ConvertTo-Screen) -match '^removed +Stopped +0 of ' | Should -HaveCount 1
        Remove-Dispatcher removed
    }
}
