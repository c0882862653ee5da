<#
.SYNOPSIS
    Measures whether a task costs more when there are many: microseconds a task of short and of long runs.
.DESCRIPTION
    Prints 'name=microseconds' for both, medians. The workers stay, so that starting them does not count against the
    short run.
#>
[CmdletBinding()]
param(
    [int] $Few = 10000,
    [int] $Many = 1000000,
    [int] $Rounds = 3
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'
Import-Module Dispatcher

$dispatcher = New-Dispatcher -MinWorkers 2 -MaxWorkers 2 -TaskTimeout 30
$dispatcher | Start-Dispatcher
$times = @{ few = [Collections.Generic.List[double]]::new(); many = [Collections.Generic.List[double]]::new() }

function Measure-Run([string] $Name, [int] $Count) {
    $watch = [Diagnostics.Stopwatch]::StartNew()
    $done = 0
    1..$Count | Invoke-DispatchTask { $_ + 1 } -Dispatcher $dispatcher | & { process { $done++ } end { $script:last = $done } }
    $watch.Stop()
    if ($script:last -ne $Count) {
        throw "$script:last of $Count results."
    }
    $times[$Name].Add($watch.Elapsed.TotalMilliseconds * 1000 / $Count)
}

foreach ($i in 1..25) {
    Measure-Run few $Few
}
$times['few'].Clear()
foreach ($round in 1..$Rounds) {
    foreach ($i in 1..5) {
        Measure-Run few $Few
    }
    Measure-Run many $Many
}
$dispatcher | Remove-Dispatcher -Force
foreach ($name in 'few', 'many') {
    $sorted = $times[$name].ToArray()
    [Array]::Sort($sorted)
    $name + '=' + $sorted[[Math]::Floor($sorted.Length / 2)].ToString([cultureinfo]::InvariantCulture)
}
