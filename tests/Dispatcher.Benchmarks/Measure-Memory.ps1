<#
.SYNOPSIS
    Measures the memory of tasks: pending ones, and ended ones that are held; and of ThreadJob's, where it is installed.
.DESCRIPTION
    Prints 'name=bytes' a task. What the tasks work on is there before, and does not count.
#>
[CmdletBinding()]
param(
    [int] $Pending = 1000000,
    [int] $Held = 100000,
    [int] $ThreadJobs = 50
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'
Import-Module Dispatcher

function Get-UsedMemory {
    foreach ($i in 1..3) {
        [GC]::Collect()
        [GC]::WaitForPendingFinalizers()
    }
    [GC]::GetTotalMemory($true)
}

$culture = [cultureinfo]::InvariantCulture

# Once before, so that nothing is counted that comes with the first task.
$null = 1..100 | Invoke-DispatchTask { $_ }

$queue = New-Dispatcher -QueueFullMode Overflow
$items = [object[]]::new($Pending)
$before = Get-UsedMemory
foreach ($handle in ($items | Send-DispatchTask { $_ } -Dispatcher $queue)) {
    # Not kept: the dispatcher holds what is pending.
}
$handle = $null
$after = Get-UsedMemory
if ($queue.Statistics.Pending -ne $Pending) {
    throw "$($queue.Statistics.Pending) tasks are pending."
}
'pending=' + (($after - $before) / $Pending).ToString($culture)
$queue | Remove-Dispatcher -Force
$queue = $null
$items = $null

$work = New-Dispatcher -MinWorkers 2 -MaxWorkers 2 -HistorySize 0
$work | Start-Dispatcher
$items = [object[]] (1..$Held)
$tasks = [Collections.Generic.List[object]]::new($Held)
$before = Get-UsedMemory
$items | Send-DispatchTask { $_ + 1 } -Dispatcher $work | & { process { $tasks.Add($_) } }
$null = $tasks | Wait-DispatchTask
$after = Get-UsedMemory
'held=' + (($after - $before) / $Held).ToString($culture)
if ($tasks[$Held - 1].Output[0] -ne $Held + 1) {
    throw 'The output is not there.'
}
$tasks = $null
$work | Remove-Dispatcher -Force

if ($ExecutionContext.InvokeCommand.GetCommand('Start-ThreadJob', 'Cmdlet')) {
    Start-ThreadJob { 1 } | Receive-Job -Wait -AutoRemoveJob | & { process { } }
    $before = Get-UsedMemory
    $jobs = foreach ($i in 1..$ThreadJobs) {
        Start-ThreadJob { 1 }
    }
    $null = $jobs | Wait-Job
    $after = Get-UsedMemory
    'threadjob=' + (($after - $before) / $ThreadJobs).ToString($culture)
    $jobs | Remove-Job -Force
}
