<#
.SYNOPSIS
Keeps a dispatcher open, resizes its pool of workers while they work, and drains it.

.DESCRIPTION
Eight tasks are sent before the dispatcher is started. Each holds its worker until the script lets it
go, so that every line of the output shows a moment at which nothing else is about to change: what is
queued, what runs, on how many workers, and what is done. The limit of two workers is raised to four
while the tasks run, then lowered to one, and at the end the dispatcher is drained.

.EXAMPLE
./Show-ElasticPool.ps1
#>
#Requires -Version 5.1
[CmdletBinding()]
param()

# The module that this script belongs to, installed or built; otherwise the one that is installed.
if (-not (Get-Module -Name Dispatcher)) {
    $own = Get-ChildItem -LiteralPath "$PSScriptRoot/..", "$PSScriptRoot/../../artifacts/modules/Dispatcher" -Filter Dispatcher.psd1 -Recurse -Depth 1 -ErrorAction SilentlyContinue |
        Where-Object { Test-Path -LiteralPath (Join-Path $_.DirectoryName bin) } |
        Select-Object -First 1
    if ($own) {
        Import-Module -Name $own.FullName
    }
    elseif (-not (Get-Module -Name Dispatcher -ListAvailable)) {
        throw 'This example needs the module Dispatcher, which is neither built nor installed here. Build it first: dotnet build src/Dispatcher.PowerShell'
    }
}

# The tasks count themselves in on one semaphore, and wait for the other.
$started = [Threading.SemaphoreSlim]::new(0)
$released = [Threading.SemaphoreSlim]::new(0)

function Wait-Start([int] $Count) {
    for ($i = 0; $i -lt $Count; $i++) {
        if (-not $started.Wait(30000)) {
            throw 'A task that should have started has not.'
        }
    }
}

function Show-Moment([string] $What) {
    $now = $dispatcher.Statistics
    '{0,-36} {1} workers, {2} pending, {3} running, {4} completed' -f $What, $dispatcher.WorkerCount, $now.Pending, $now.Running, $now.Completed
}

$dispatcher = New-Dispatcher -MinWorkers 1 -MaxWorkers 2 -TaskTimeout 60
try {
    $tasks = 1..8 | Send-DispatchTask -Dispatcher $dispatcher {
        $started = $using:started
        $released = $using:released
        $null = $started.Release()
        $released.Wait()
        "task $_"
    }
    Show-Moment 'Sent, not started:'

    $dispatcher | Start-Dispatcher
    Wait-Start 2
    Show-Moment 'Started, at most 2 workers:'

    $dispatcher | Set-Dispatcher -MaxWorkers 4
    Wait-Start 2
    Show-Moment 'At most 4, with 2 tasks running:'

    $dispatcher | Set-Dispatcher -MaxWorkers 1
    Show-Moment 'At most 1, with 4 tasks running:'

    # The four finish their tasks; one of them stays and takes the next.
    $null = $released.Release(4)
    Wait-Start 1
    $null = $tasks[0..3] | Wait-DispatchTask
    while ($dispatcher.WorkerCount -gt 1) {
        Start-Sleep -Milliseconds 10
    }

    Show-Moment 'Those 4 done:'

    $null = $released.Release(4)
    $dispatcher | Stop-Dispatcher -Drain
    Show-Moment 'Drained:'

    $tasks | Receive-DispatchTask | Sort-Object
}
finally {
    $dispatcher | Remove-Dispatcher -Force
}
