# Every script of the repository, by PSScriptAnalyzer with the settings in tests/PSScriptAnalyzerSettings.psd1.

BeforeDiscovery {
    $root = Split-Path (Split-Path $PSScriptRoot)
    $analyzer = [bool] (Get-Module -ListAvailable PSScriptAnalyzer)
    $built = '[\\/](?:bin|obj|artifacts|TestResults|\.git|StrykerOutput)[\\/]'
    $scripts = Get-ChildItem $root -Recurse -File -Force -Include *.ps1, *.psm1, *.psd1, *.ps1xml |
        Where-Object { $_.FullName.Substring($root.Length) -notmatch $built } |
        ForEach-Object { @{ Name = $_.FullName.Substring($root.Length + 1) -replace '\\', '/'; Path = $_.FullName } }
    $analyzed = if ($analyzer) { $scripts } else { @{ Name = 'Every script' } }
}

Describe 'The scripts' {
    It 'are found' -ForEach @{ Names = $scripts.Name } {
        $Names | Should -Contain 'build.ps1'
        $Names | Should -Contain 'module/Dispatcher.psm1'
        $Names | Should -Contain 'module/Dispatcher.psd1'
        $Names | Should -Contain 'tests/Pester/Scripts.Tests.ps1'
    }

    It '<Name> has nothing that PSScriptAnalyzer finds' -ForEach $analyzed {
        if (-not (Get-Module -ListAvailable PSScriptAnalyzer)) { Set-ItResult -Skipped -Because 'PSScriptAnalyzer is not installed.' }
        $settings = Join-Path (Split-Path $PSScriptRoot) 'PSScriptAnalyzerSettings.psd1'
        $found = Invoke-ScriptAnalyzer -Path $Path -Settings $settings -ErrorAction Stop
        $found | ForEach-Object { '{0}:{1} {2} {3}' -f $Name, $_.Line, $_.RuleName, $_.Message } | Should -BeNullOrEmpty
    }
}
