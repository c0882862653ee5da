BeforeAll {
    . "$PSScriptRoot/Import-StagedModule.ps1"
}

Describe 'The log' {
    AfterEach {
        Get-Dispatcher | Remove-Dispatcher -Force
    }

    It 'is read line by line with ConvertFrom-Json' {
        $path = Join-Path $TestDrive 'new/tasks.jsonl'
        1..1000 | Invoke-DispatchTask { $_ } -LogPath $path -LogInput Text | Measure-Object | ForEach-Object Count | Should -Be 1000
        $log = Get-Content $path | ForEach-Object { $_ | ConvertFrom-Json }
        $log.Count | Should -Be 1000
        ($log.input | ForEach-Object { [int] $_ } | Measure-Object -Sum).Sum | Should -Be 500500
        @($log.id | Sort-Object -Unique).Count | Should -Be 1000
        $log | Where-Object { $_.state -ne 'Completed' -or [datetime] $_.endedAt -lt [datetime] $_.queuedAt } | Should -BeNullOrEmpty
    }

    It 'keeps any text whole: <Name>' -TestCases @(
        @{ Name = 'quotes'; Text = 'a "b" ''c'' \ / {x}' }
        @{ Name = 'lines'; Text = "a`nb`r`nc`td" }
        @{ Name = 'control characters'; Text = "a$([char] 0)b$([char] 1)c$([char] 27)d$([char] 0x85)e$([char] 0x2028)f" }
        @{ Name = 'Unicode'; Text = "$([char] 0xE4)$([char] 0x20AC)$([char]::ConvertFromUtf32(0x1F600))" }
    ) {
        $path = Join-Path $TestDrive 'text.jsonl'
        $null = $Text | Invoke-DispatchTask { throw $_ } -Name $Text -LogPath $path -LogInput Text -ErrorAction SilentlyContinue
        $line = @(Get-Content $path -Encoding UTF8)[-1] | ConvertFrom-Json
        $line.name | Should -BeExactly $Text
        $line.input | Should -BeExactly $Text
        $line.error | Should -BeExactly $Text
        $line.state | Should -Be Failed
    }

    It 'is appended to, relative to the current location' {
        Push-Location $TestDrive
        try {
            foreach ($i in 1..2) {
                $null = New-Dispatcher d -LogPath appended.jsonl -LogInput Text
                Start-Dispatcher
                $null = $i | Send-DispatchTask { }
                Stop-Dispatcher -Drain
                Remove-Dispatcher d
            }
        }
        finally {
            Pop-Location
        }
        (Get-Content (Join-Path $TestDrive appended.jsonl) | ForEach-Object { $_ | ConvertFrom-Json }).input | Should -Be 1, 2
    }

    It 'says when it cannot be written, before anything runs' {
        { New-Dispatcher d -LogPath $TestDrive } | Should -Throw '*-LogPath*' -ErrorId 'LogPathInvalid,*'
        Get-Dispatcher | Should -BeNullOrEmpty
        { 1 | Invoke-DispatchTask { throw 'ran' } -LogPath $TestDrive } | Should -Throw '*-LogPath*' -ErrorId 'LogPathInvalid,*'
    }

    It 'has every line when the process ends' {
        $path = Join-Path $TestDrive 'exit.jsonl'
        $powershell = Get-PowerShellCommand
        $manifest = (Get-Module Dispatcher).Path -replace 'psm1$', 'psd1'
        $null = & $powershell.Program $powershell.Arguments -NoProfile -Command "Import-Module '$manifest'; `$null = New-Dispatcher -LogPath '$path'; Start-Dispatcher; `$null = 1..500 | Send-DispatchTask { `$_ } | Wait-DispatchTask; exit 3"
        $LASTEXITCODE | Should -Be 3
        @(Get-Content $path).Count | Should -Be 500
    }
}
