<#
.SYNOPSIS
    Runs a Pester suite, or only finds its tests, and writes a line of JSON for each.
.PARAMETER Pester
    The manifest of the Pester to run it on.
.PARAMETER Suite
    The folder of the suite.
.PARAMETER Result
    The file to write to.
.PARAMETER Selection
    A JSON file, a list of the full names of the tests to run; all of them where it is not given.
.PARAMETER DiscoverOnly
    Runs none.
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)]
    [string] $Pester,

    [Parameter(Mandatory)]
    [string] $Suite,

    [Parameter(Mandatory)]
    [string] $Result,

    [string] $Selection,

    [switch] $DiscoverOnly
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'
Import-Module $Pester
$configuration = New-PesterConfiguration
$configuration.Run.Path = $Suite
$configuration.Run.PassThru = $true
$configuration.Run.SkipRun = $DiscoverOnly.IsPresent
$configuration.Output.Verbosity = 'Normal'
if ($Selection) {
    # Filters are wildcard patterns; the names in the file are meant as they are.
    $configuration.Filter.FullName = [string[]] @(Get-Content -LiteralPath $Selection -Raw | ConvertFrom-Json | ForEach-Object { [WildcardPattern]::Escape($_) })
}

# What takes long is about PowerShell, not about Pester: the newest is enough for it.
if ((Get-Module Pester).Version.Major -lt 6) {
    $configuration.Filter.ExcludeTag = 'Slow'
}

# The tests see the preferences of this script: a suite runs under those of a prompt.
Set-StrictMode -Off
$ErrorActionPreference = 'Continue'
$run = Invoke-Pester -Configuration $configuration
$ErrorActionPreference = 'Stop'

function ConvertTo-Message([object] $ErrorRecord) {
    @(foreach ($one in $ErrorRecord) { "$one"; $one.ScriptStackTrace }) -join "`n"
}

$(
    foreach ($test in $run.Tests) {
        [ordered] @{
            Name = $test.ExpandedPath; File = $test.ScriptBlock.File; Line = $test.StartLine; Outcome = "$($test.Result)"
            Seconds = $test.Duration.TotalSeconds; Message = ConvertTo-Message $test.ErrorRecord
        }
    }
    # A block or a file that failed outside its tests: nothing else would tell of it.
    foreach ($block in $run.FailedBlocks) {
        [ordered] @{
            Name = "$($block.ExpandedPath), the block itself"; File = $block.ScriptBlock.File; Line = $block.StartLine; Outcome = 'Failed'
            Seconds = 0; Message = ConvertTo-Message $block.ErrorRecord
        }
    }
    foreach ($file in $run.FailedContainers) {
        [ordered] @{
            Name = "$(Split-Path "$($file.Item)" -Leaf), the file itself"; File = "$($file.Item)"; Line = 1; Outcome = 'Failed'
            Seconds = 0; Message = ConvertTo-Message $file.ErrorRecord
        }
    }
) | ForEach-Object { ConvertTo-Json $_ -Compress } | Set-Content -LiteralPath $Result -Encoding utf8NoBOM
