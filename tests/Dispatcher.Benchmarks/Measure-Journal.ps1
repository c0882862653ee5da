#requires -Version 7.4
<#
.SYNOPSIS
What a journal costs: recording, beside the same run without one; and skipping, beside ForEach-Object -Parallel.

.DESCRIPTION
Each round runs the same trivial tasks without a journal, with one that keeps no output, and with one that keeps it: text, and an object for
each item. Then all are skipped, with their output. The figures are medians over the rounds, in microseconds a task.
Of ForEach-Object -Parallel, which is slow, fewer items are run.

.PARAMETER Count
How many tasks.
#>
[CmdletBinding()]
param(
    [int] $Count = 100000,
    [int] $Rounds = 3,
    [int] $ParallelCount = 2000
)

$ErrorActionPreference = 'Stop'
Import-Module Dispatcher

function Measure-PerTask([int] $tasks, [scriptblock] $code) {
    [GC]::Collect()
    $watch = [Diagnostics.Stopwatch]::StartNew()
    $null = & $code
    $watch.Elapsed.TotalMilliseconds * 1000 / $tasks
}

$root = [IO.Directory]::CreateTempSubdirectory('dispatcher journal ').FullName
$figures = [ordered]@{}
function Add-Figure([string] $name, [double] $value) {
    if (-not $figures.Contains($name)) {
        $figures[$name] = [Collections.Generic.List[double]]::new()
    }

    $figures[$name].Add($value)
}

# Warm.
$null = 1..1000 | Invoke-DispatchTask { "text $_" } -JournalPath $root/warm
$null = 1..1000 | Invoke-DispatchTask { "text $_" }
$null = 1..100 | ForEach-Object -Parallel { $_ }
for ($round = 1; $round -le $Rounds; $round++) {
    Add-Figure 'ForEach-Object -Parallel' (Measure-PerTask $ParallelCount { 1..$ParallelCount | ForEach-Object -Parallel { $_ } })
    Add-Figure 'without a journal' (Measure-PerTask $Count { 1..$Count | Invoke-DispatchTask { "text $_" } })
    Add-Figure 'recorded, no output' (Measure-PerTask $Count { 1..$Count | Invoke-DispatchTask { "text $_" } -JournalPath $root/none$round -JournalOutput None })
    Add-Figure 'recorded, text' (Measure-PerTask $Count { 1..$Count | Invoke-DispatchTask { "text $_" } -JournalPath $root/text$round })
    $tenth = [int] ($Count / 10)
    Add-Figure 'objects without a journal' (Measure-PerTask $tenth { 1..$tenth | Invoke-DispatchTask { [pscustomobject] @{ Name = "text $_"; Value = $_ } } })
    Add-Figure 'recorded, objects' (Measure-PerTask $tenth { 1..$tenth | Invoke-DispatchTask { [pscustomobject] @{ Name = "text $_"; Value = $_ } } -JournalPath $root/objects$round })
    Add-Figure 'skipped, no output' (Measure-PerTask $Count { 1..$Count | Invoke-DispatchTask { "text $_" } -JournalPath $root/none$round -JournalOutput None })
    Add-Figure 'skipped, text' (Measure-PerTask $Count { 1..$Count | Invoke-DispatchTask { "text $_" } -JournalPath $root/text$round })
}

Remove-Item -LiteralPath $root -Recurse -Force
foreach ($name in $figures.Keys) {
    $sorted = @($figures[$name] | Sort-Object)
    [pscustomobject] @{ What = $name; 'Microseconds a task' = [Math]::Round($sorted[[int] [Math]::Floor(($sorted.Count - 1) / 2)], 1) }
}
