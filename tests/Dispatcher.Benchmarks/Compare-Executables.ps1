<#
.SYNOPSIS
    Measures what running many executables costs, beside xargs -P and GNU parallel.
.DESCRIPTION
    Two loads: a program that does nothing, many times, and the compression of a file, fewer times. The ways take turns,
    so that a drift of the machine's speed meets all of them alike. Shown are medians over the rounds after one warm-up,
    and how many times the time of xargs each takes. GNU parallel takes part where it is installed, and in fewer tasks of
    the first load, for it is slow. Runs on Unix.
.PARAMETER Count
    Runs of /bin/true in each round.
.PARAMETER CompressCount
    Files to compress in each round.
.PARAMETER FileSize
    Size of each of those files, in bytes.
.PARAMETER Rounds
    Counted rounds.
.PARAMETER Workers
    Programs at a time.
#>
[CmdletBinding()]
param(
    [int] $Count = 2000,
    [int] $CompressCount = 200,
    [int] $FileSize = 1MB,
    [int] $Rounds = 5,
    [int] $Workers = 2
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'
Import-Module Dispatcher

function Get-Median([double[]] $Value) {
    [Array]::Sort($Value)
    $Value[[Math]::Floor($Value.Count / 2)]
}

function Invoke-Shell([string] $Command) {
    & sh -c $Command
    if ($LASTEXITCODE -ne 0) {
        throw "'$Command' ended with exit code $LASTEXITCODE."
    }
}

function Assert-Completed([object[]] $Task, [int] $Expected) {
    $completed = 0
    foreach ($one in $Task) {
        if ($one.State -eq 'Completed') {
            $completed++
        }
    }

    if ($completed -ne $Expected) {
        throw "$completed of $Expected tasks completed."
    }
}

function Compare-Way([string] $Title, [System.Collections.IDictionary] $Way) {
    $times = @{}
    foreach ($round in 0..$Rounds) {
        foreach ($name in $Way.Keys) {
            $watch = [Diagnostics.Stopwatch]::StartNew()
            & $Way[$name].Run
            $watch.Stop()
            if ($round -eq 1) {
                $times[$name] = [Collections.Generic.List[double]]::new()
            }
            if ($round -gt 0) {
                $times[$name].Add($watch.Elapsed.TotalMilliseconds * 1000 / $Way[$name].Count)
            }
        }
    }

    $xargs = Get-Median $times['xargs -P'].ToArray()
    '{0,-34} {1,12} {2,12}' -f $Title, 'us a task', 'of xargs -P'
    foreach ($name in $Way.Keys) {
        $median = Get-Median $times[$name].ToArray()
        '{0,-34} {1,12:n0} {2,10:n2} x' -f "  $name", $median, ($median / $xargs)
    }
}

$hasParallel = $null -ne $ExecutionContext.InvokeCommand.GetCommand('parallel', 'Application')
$folder = [IO.Path]::Combine([IO.Path]::GetTempPath(), [IO.Path]::GetRandomFileName())
$null = [IO.Directory]::CreateDirectory($folder)
$dispatcher = New-Dispatcher -MinWorkers $Workers -MaxWorkers $Workers -TaskTimeout 60 -HistorySize 0
$dispatcher | Start-Dispatcher
try {
    # Text that compresses as logs do: the same few words in an order that is random, and the same in every run.
    $random = [Random]::new(1)
    $bytes = [byte[]]::new($FileSize)
    $words = [Text.Encoding]::ASCII.GetBytes('the quick brown fox jumps over the lazy dog; ')
    for ($i = 0; $i -lt $FileSize; $i += 8) {
        [Array]::Copy($words, $random.Next($words.Length - 8), $bytes, $i, [Math]::Min(8, $FileSize - $i))
    }
    $files = foreach ($i in 1..$CompressCount) {
        $file = [IO.Path]::Combine($folder, "$i.log")
        [IO.File]::WriteAllBytes($file, $bytes)
        $file
    }

    $items = 1..$Count
    $fewCount = [Math]::Min($Count, 200)
    $runNothing = {
        Assert-Completed @($items | Send-DispatchTask -Dispatcher $dispatcher -FilePath /bin/true | Wait-DispatchTask) $Count
    }
    $nothing = [ordered] @{
        'Send-DispatchTask | Wait' = @{ Count = $Count; Run = $runNothing }
        'xargs -P'                 = @{ Count = $Count; Run = { Invoke-Shell "seq $Count | xargs -P $Workers -n 1 /bin/true" } }
    }
    $runCompress = {
        Assert-Completed @($files | Send-DispatchTask -Dispatcher $dispatcher -FilePath gzip -ArgumentList { '-kf'; $_ } | Wait-DispatchTask) $CompressCount
    }
    $compress = [ordered] @{
        'Send-DispatchTask | Wait' = @{ Count = $CompressCount; Run = $runCompress }
        'xargs -P'                 = @{ Count = $CompressCount; Run = { Invoke-Shell "ls -d '$folder'/*.log | xargs -P $Workers -n 1 gzip -kf" } }
    }
    if ($hasParallel) {
        $nothing['GNU parallel'] = @{ Count = $fewCount; Run = { Invoke-Shell "seq $fewCount | parallel -j $Workers /bin/true 2>/dev/null" } }
        $compress['GNU parallel'] = @{ Count = $CompressCount; Run = { Invoke-Shell "ls -d '$folder'/*.log | parallel -j $Workers gzip -kf 2>/dev/null" } }
    }

    Compare-Way "$Count x /bin/true, $Workers at a time" $nothing
    Compare-Way "$CompressCount x gzip of $FileSize bytes" $compress
    if (-not $hasParallel) {
        'GNU parallel is not installed here.'
    }
}
finally {
    $dispatcher | Remove-Dispatcher -Force
    [IO.Directory]::Delete($folder, $true)
}
