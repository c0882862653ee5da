<#
.SYNOPSIS
    Prints the slowest tests of the last "dotnet test", and the sum of all its projects on one line.
.PARAMETER Path
    The folder of the .trx files.
.PARAMETER Slowest
    How many of the slowest to print.
#>
#Requires -Version 7.4
[CmdletBinding()]
param(
    [Parameter(Mandatory, Position = 0)]
    [string] $Path,

    [ValidateRange(0, 1000)]
    [int] $Slowest = 10
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$counts = @{ passed = 0; failed = 0; skipped = 0 }
$aborted = @()
$tests = foreach ($file in Get-ChildItem -LiteralPath $Path -Filter *.trx -ErrorAction Ignore) {
    $failedBefore = $counts.failed
    $summary = 'Completed'
    $reader = [Xml.XmlReader]::Create($file.FullName)
    while ($reader.Read()) {
        if ($reader.LocalName -eq 'ResultSummary' -and $reader.NodeType -eq 'Element') { $summary = $reader.GetAttribute('outcome') }
        if ($reader.LocalName -ne 'UnitTestResult' -or $reader.NodeType -ne 'Element') { continue }
        $outcome = $reader.GetAttribute('outcome')
        $counts[$(if ($outcome -eq 'Passed') { 'passed' } elseif ($outcome -eq 'NotExecuted') { 'skipped' } else { 'failed' })]++
        [pscustomobject] @{ Name = $reader.GetAttribute('testName'); Project = $file.BaseName; Duration = [timespan] ($reader.GetAttribute('duration') ?? 0) }
    }
    $reader.Dispose()

    # A test host that crashed: the test that ended it has no result, and the sum would be all right.
    if ($summary -in 'Failed', 'Aborted' -and $counts.failed -eq $failedBefore) {
        $counts.failed++
        $aborted += $file.BaseName
    }
}

if ($tests -and $Slowest) {
    'The slowest tests:'
    $tests | Sort-Object Duration -Descending | Select-Object -First $Slowest | ForEach-Object {
        [string]::Format([cultureinfo]::InvariantCulture, '{0,7:n1} s  {1}: {2}', $_.Duration.TotalSeconds, $_.Project, $_.Name)
    }
}

foreach ($project in $aborted) { "${project}: the run was aborted, which counts as a failed test." }
'{0} passed, {1} failed, {2} skipped' -f $counts.passed, $counts.failed, $counts.skipped
