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
        @{ Today = $today; Ours = $match.Groups['ours'].Value.Replace('\|', '|'); Peer = $peer; Runs = $runs }
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

    It 'gives what <today> gives' -ForEach @($rows | Where-Object { $_.Runs }) {
        Invoke-Side $Ours | Should -Be (Invoke-Side $Today)
    }

    # PoshRSJob and ThreadJob are not installed everywhere; Windows PowerShell has no -Parallel.
    It 'would give what <today> gives, where there is <peer>' -Skip -ForEach @($rows | Where-Object { -not $_.Runs }) {
    }
}
