# Runs both sides of each row of the README's table "Coming from something else".

BeforeDiscovery {
    $root = Split-Path (Split-Path $PSScriptRoot)
    $text = Get-Content -Raw -LiteralPath (Join-Path $root 'README.md')
    $section = [regex]::Match($text, '(?s)## Coming from something else(.*?)\n## ').Groups[1].Value
    $rows = foreach ($match in [regex]::Matches($section, '(?m)^\| `(?<today>.+?)` \| `(?<ours>.+?)` \|$')) {
        $today = $match.Groups['today'].Value.Replace('\|', '|')
        $peer = if ($today -match 'Start-RSJob') { 'Start-RSJob' } elseif ($today -match 'Start-ThreadJob') { 'Start-ThreadJob' } else { 'ForEach-Object' }
        $runs = [bool] (Get-Command $peer -ErrorAction SilentlyContinue)
        if ($peer -eq 'ForEach-Object') { $runs = (Get-Command ForEach-Object).Parameters.ContainsKey('Parallel') }
        @{ Today = $today; Ours = $match.Groups['ours'].Value.Replace('\|', '|'); Needed = if ($peer -eq 'ForEach-Object') { '-Parallel of ForEach-Object' } else { $peer }; Runs = $runs }
    }
}

BeforeAll {
    . "$PSScriptRoot/Import-StagedModule.ps1"

    function Invoke-Side([string] $Code) {
        @(& ([scriptblock]::Create($Code)) | ForEach-Object { "$_" } | Sort-Object)
    }
}

AfterAll {
    Get-Job | Remove-Job -Force
}

Describe 'Coming from something else' {
    It 'has rows to run' -ForEach @{ Count = @($rows).Count } {
        $Count | Should -BeGreaterOrEqual 7
    }

    It 'runs <ours>' -ForEach $rows {
        Invoke-Side $Ours | Should -Not -BeNullOrEmpty
    }

    It 'gives what <today> gives' -ForEach $rows {
        # PoshRSJob is not installed everywhere; Windows PowerShell has no ThreadJob and no -Parallel.
        if (-not $Runs) { Set-ItResult -Skipped -Because "$Needed is not here" }
        Invoke-Side $Ours | Should -Be (Invoke-Side $Today)
    }
}
