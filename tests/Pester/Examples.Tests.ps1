# The example that checks hosts, on this machine.

BeforeDiscovery {
    $isOld = $PSVersionTable.PSVersion -lt '7.4'
}

BeforeAll {
    . "$PSScriptRoot/Import-StagedModule.ps1"
    $example = Join-Path (Get-Module Dispatcher).ModuleBase 'examples/Test-Host.ps1'
}

Describe 'Test-Host.ps1' -Tag Slow -Skip:$isOld {
    It 'prints a line for each of two processes, and leaves none' {
        $lines = (& $example) -split '\r?\n'
        $lines | Should -HaveCount 4
        $found = $lines[2, 3] | ForEach-Object { if ($_ -match "^process (\d+) $([regex]::Escape($PSVersionTable.PSVersion)) .* well$") { [int] $Matches[1] } }
        $found | Should -HaveCount 2
        foreach ($id in $found) {
            $process = Get-Process -Id $id -ErrorAction SilentlyContinue
            if ($process) { $process.WaitForExit(20000) | Should -BeTrue }
        }
        Get-Dispatcher | Should -BeNullOrEmpty
        Get-PSSession | Should -BeNullOrEmpty
    }

    It 'says of a host that cannot be reached why' {
        if (-not (Get-Command ssh -ErrorAction Ignore)) { Set-ItResult -Skipped -Because 'there is no ssh' }
        $text = & $example -HostName 127.0.0.1:1
        $text | Should -Match '(?m)^127\.0\.0\.1:1 .*No host'
    }
}
