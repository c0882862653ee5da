#requires -Version 7.0
<#
.SYNOPSIS
    Measures what a trivial task costs, beside ForEach-Object -Parallel and a serial loop, in one process.
.DESCRIPTION
    The ways take turns, so that a drift of the machine's speed meets all of them alike. Shown are medians over the
    rounds after the warm-up, in microseconds a task, and how many times longer ForEach-Object -Parallel takes.
.PARAMETER Count
    Tasks in each round of the dispatcher and of the serial loop.
.PARAMETER ParallelCount
    Items in each round of ForEach-Object -Parallel, which is so much slower that fewer do.
.PARAMETER Rounds
    Counted rounds.
.PARAMETER WarmUp
    Rounds before those. .NET compiles what runs often a second time, and better; that takes some seconds.
.PARAMETER Workers
    Workers of the dispatcher, and the throttle limit of -Parallel.
.PARAMETER Raw
    Print a line 'name=microseconds' for each way, for programs.
#>
[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSAvoidAssignmentToAutomaticVariable', '', Justification = 'The serial loop gives its block the item as the others do.')]
[CmdletBinding()]
param(
    [int] $Count = 20000,
    [int] $ParallelCount = 1000,
    [int] $Rounds = 5,
    [int] $WarmUp = 8,
    [int] $Workers = 2,
    [switch] $Raw
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'
Import-Module Dispatcher

function Get-Median([double[]] $Value) {
    [Array]::Sort($Value)
    $Value[[Math]::Floor($Value.Count / 2)]
}

$dispatcher = New-Dispatcher -MinWorkers $Workers -MaxWorkers $Workers -TaskTimeout 30 -HistorySize 0
$dispatcher | Start-Dispatcher
$items = 1..$Count
$fewItems = 1..$ParallelCount
$inSteps = {
    $tasks = $items | Send-DispatchTask { $_ + 1 }
    $null = $tasks | Wait-DispatchTask
    $tasks | Receive-DispatchTask
}
$ways = [ordered] @{
    'Invoke-DispatchTask'       = @{ Count = $Count; Run = { $items | Invoke-DispatchTask { $_ + 1 } -MaxWorkers $Workers -Timeout 30 } }
    'Send | Receive -Wait'      = @{ Count = $Count; Run = { $items | Send-DispatchTask { $_ + 1 } | Receive-DispatchTask -Wait } }
    'Send; Wait; Receive'       = @{ Count = $Count; Run = $inSteps }
    'ForEach-Object -Parallel'  = @{ Count = $ParallelCount; Run = { $fewItems | ForEach-Object -Parallel { $_ + 1 } -ThrottleLimit $Workers } }
    'serial: foreach { & { } }' = @{ Count = $Count; Run = { foreach ($_ in $items) { & { $_ + 1 } } } }
}

$times = @{}
foreach ($name in $ways.Keys) {
    $times[$name] = [Collections.Generic.List[double]]::new()
}

foreach ($round in 1..($WarmUp + $Rounds)) {
    foreach ($name in $ways.Keys) {
        if ($name -eq 'ForEach-Object -Parallel' -and $round -gt 2 -and $round -le $WarmUp) {
            continue # Warm after two, and by far the slowest.
        }

        $watch = [Diagnostics.Stopwatch]::StartNew()
        $output = @(& $ways[$name].Run)
        $watch.Stop()
        if ($output.Count -ne $ways[$name].Count) {
            throw "$name gave $($output.Count) results for $($ways[$name].Count) items."
        }

        if ($round -gt $WarmUp) {
            $times[$name].Add($watch.Elapsed.TotalMilliseconds * 1000 / $ways[$name].Count)
        }
    }
}
$dispatcher | Remove-Dispatcher -Force

$parallel = Get-Median $times['ForEach-Object -Parallel'].ToArray()
if (-not $Raw) {
    '{0,-26} {1,10} {2,22}' -f '', 'us a task', '-Parallel takes longer'
}

foreach ($name in $ways.Keys) {
    $median = Get-Median $times[$name].ToArray()
    if ($Raw) {
        $name + '=' + $median.ToString([cultureinfo]::InvariantCulture)
    }
    else {
        '{0,-26} {1,10:n1} {2,20:n0} x' -f $name, $median, ($parallel / $median)
    }
}
