<#
.SYNOPSIS
    Shows that a started dispatcher that has nothing to do uses no processor time (Linux).
.DESCRIPTION
    Runs some tasks, lets every worker fall idle, and adds up the processor time of the dispatcher's own threads over a
    while, as the kernel counts it (in ticks, of which there are 100 in a second). Exits with 1 if there was any.
.PARAMETER Seconds
    How long to look.
#>
[CmdletBinding()]
param([int] $Seconds = 10)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'
Import-Module Dispatcher

function Get-DispatcherTick {
    $ticks = 0
    foreach ($folder in [IO.Directory]::GetDirectories('/proc/self/task')) {
        $stat = [IO.File]::ReadAllText("$folder/stat")
        $name = $stat.Substring(0, $stat.LastIndexOf(')'))
        if ($name -match '\((idle worker|Dispatcher )') {
            $fields = $stat.Substring($stat.LastIndexOf(')') + 2).Split(' ')
            $ticks += [int] $fields[11] + [int] $fields[12]
        }
    }
    $ticks
}

$dispatcher = New-Dispatcher idle -MinWorkers 4 -MaxWorkers 4
Start-Dispatcher idle
1..1000 | Send-DispatchTask { $_ } -Dispatcher idle | Receive-DispatchTask -Wait | & { process { } }
[Threading.Thread]::Sleep(500)
$before = Get-DispatcherTick
[Threading.Thread]::Sleep(1000 * $Seconds)
$used = (Get-DispatcherTick) - $before
"$($dispatcher.IdleWorkerCount) idle workers used $used ticks of 10 ms in $Seconds s"
Remove-Dispatcher idle -Force
exit [int] ($used -ne 0)
