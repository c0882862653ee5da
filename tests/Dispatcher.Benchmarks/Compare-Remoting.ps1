#requires -Version 7.4
<#
.SYNOPSIS
    Measures what a trivial task costs in worker processes and over SSH, beside ForEach-Object -Parallel and Invoke-Command.
.DESCRIPTION
    The ways take turns in one process, so that a drift of the machine's speed meets all of them alike. Shown are medians
    over the rounds after the warm-up, in microseconds an item, and how many times longer ForEach-Object -Parallel and
    Invoke-Command (one call an item, over SSH) take. Then: how long a worker process takes until it has run its first task,
    beside a bare pwsh -NoProfile -c 1; and the memory of the far end of a session with 8 workers, beside that of a bare session. SSH is an sshd of this
    script's own on a loopback address; where there is none, those rows are left out.
.PARAMETER Count
    Items in each round of the dispatchers.
.PARAMETER ParallelCount
    Items in each round of ForEach-Object -Parallel and Invoke-Command, which take so much longer that fewer do.
.PARAMETER Rounds
    Counted rounds.
.PARAMETER WarmUp
    Rounds before those. .NET compiles what runs often a second time, and better; that takes some seconds.
.PARAMETER Workers
    Worker processes, and the throttle limit of -Parallel.
#>
[CmdletBinding()]
param(
    [int] $Count = 5000,
    [int] $ParallelCount = 300,
    [int] $Rounds = 5,
    [int] $WarmUp = 5,
    [int] $Workers = 2
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'
Import-Module Dispatcher
. "$PSScriptRoot/../Pester/Start-SshServer.ps1"

function Get-Median([double[]] $Value) {
    [Array]::Sort($Value)
    $Value[[Math]::Floor($Value.Count / 2)]
}

$items = 1..$Count
$fewItems = 1..$ParallelCount
$processes = New-Dispatcher -Isolation Process -MinWorkers $Workers -MaxWorkers $Workers -TaskTimeout 60 -HistorySize 0 -QueueSize $Count
$processes | Start-Dispatcher

# A window of 64: 32 tasks for each worker.
$ahead = New-Dispatcher -Isolation Process -MinWorkers $Workers -MaxWorkers $Workers -Prefetch ([Math]::Max(1, [int] (64 / $Workers))) -TaskTimeout 60 -HistorySize 0 -QueueSize $Count
$ahead | Start-Dispatcher
$ways = [ordered] @{
    'ForEach-Object -Parallel' = @{ Count = $ParallelCount; Run = { $fewItems | ForEach-Object -Parallel { $_ + 1 } -ThrottleLimit $Workers } }
    'worker processes'         = @{ Count = $Count; Run = { $items | Invoke-DispatchTask { $_ + 1 } -Dispatcher $processes } }
    'worker processes, window 64' = @{ Count = $Count; Run = { $items | Invoke-DispatchTask { $_ + 1 } -Dispatcher $ahead } }
}
$server = $null
$session = $null
$hosts = $null
try {
    if ($reason = Get-SshSkipReason) {
        Write-Warning "Without SSH: $reason"
    }
    else {
        $server = Start-SshServer
        $ssh = @{ UserName = $server.UserName; Port = $server.Port; KeyFilePath = $server.KeyFilePath }
        $session = New-PSSession -HostName $server.HostName @ssh -Options $server.Options
        # A window of 64: 4 workers, 16 tasks for each.
        $hosts = New-Dispatcher -HostName $server.HostName @ssh -SSHOption $server.Options -WorkersPerHost 4 -Prefetch 16 -TaskTimeout 60 -HistorySize 0 -QueueSize $Count
        $hosts | Start-Dispatcher
        $ways['SSH, window 64'] = @{ Count = $Count; Run = { $items | Invoke-DispatchTask { $_ + 1 } -Dispatcher $hosts } }
        $ways['Invoke-Command, one an item'] = @{ Count = $ParallelCount; Run = { foreach ($item in $fewItems) { Invoke-Command -Session $session { $using:item + 1 } } } }
    }

    $times = @{}
    foreach ($name in $ways.Keys) { $times[$name] = [Collections.Generic.List[double]]::new() }
    for ($round = 0; $round -lt $WarmUp + $Rounds; $round++) {
        foreach ($name in $ways.Keys) {
            $watch = [Diagnostics.Stopwatch]::StartNew()
            $got = @(& $ways[$name].Run)
            $watch.Stop()
            if ($got.Count -ne $ways[$name].Count) { throw "$name gave $($got.Count) results for $($ways[$name].Count) items." }
            if ($round -ge $WarmUp) { $times[$name].Add($watch.Elapsed.TotalMilliseconds * 1000 / $ways[$name].Count) }
        }
    }

    $parallel = Get-Median $times['ForEach-Object -Parallel']
    $command = if ($server) { Get-Median $times['Invoke-Command, one an item'] }
    foreach ($name in $ways.Keys) {
        $median = Get-Median $times[$name]
        [pscustomobject] @{
            Way                  = $name
            'us an item'         = '{0:n0}' -f $median
            '-Parallel takes'    = '{0:n1} x' -f ($parallel / $median)
            'Invoke-Command takes' = if ($command) { '{0:n1} x' -f ($command / $median) }
        }
    }

    $program = Get-PowerShellCommand
    $starts = @{ Bare = [Collections.Generic.List[double]]::new(); Worker = [Collections.Generic.List[double]]::new() }
    for ($round = 0; $round -lt $Rounds + 1; $round++) {
        $bare = Measure-Command { & $program.Program @($program.Arguments) -NoProfile -c 1 }
        $dispatcher = New-Dispatcher -Isolation Process -MinWorkers 0 -MaxWorkers 1
        $dispatcher | Start-Dispatcher
        $worker = Measure-Command { Send-DispatchTask { 1 } -Dispatcher $dispatcher | Receive-DispatchTask -Wait }
        Remove-Dispatcher $dispatcher -Force
        if ($round -gt 0) {
            $starts.Bare.Add($bare.TotalMilliseconds)
            $starts.Worker.Add($worker.TotalMilliseconds)
        }
    }

    $bare = Get-Median $starts.Bare
    $worker = Get-Median $starts.Worker
    'The first task of a worker process that is started for it: {0:n0} ms; pwsh -NoProfile -c 1: {1:n0} ms; {2:n2} x.' -f $worker, $bare, ($worker / $bare)
    if ($server) {
        $eight = New-Dispatcher -HostName $server.HostName @ssh -SSHOption $server.Options -WorkersPerHost 8
        $eight | Start-Dispatcher
        $far = Get-Process -Id (1..16 | Invoke-DispatchTask { Start-Sleep -Milliseconds 200; $PID } -Dispatcher $eight | Select-Object -Last 1)
        $bare = Get-Process -Id (Invoke-Command $session { $PID })
        Start-Sleep 4 # When it has nothing to do, it gives memory back.
        $far.Refresh()
        'The far end of a session with 8 workers, at rest: {0:n0} MB of memory; that of a bare session: {1:n0} MB.' -f ($far.WorkingSet64 / 1MB), ($bare.WorkingSet64 / 1MB)
        Remove-Dispatcher $eight -Force
    }
}
finally {
    if ($session) { Remove-PSSession $session }
    if ($hosts) { Remove-Dispatcher $hosts -Force }
    Remove-Dispatcher $processes, $ahead -Force
    if ($server) { $server.Dispose() }
}
