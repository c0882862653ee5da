<#
.SYNOPSIS
    Measures how late timeouts are: tasks stuck in a .NET call, more than workers, each with a limit of one second.
.DESCRIPTION
    Prints 'late=milliseconds', the lateness after Timeout + StopGrace that 99 % of the tasks keep within.
#>
[CmdletBinding()]
param(
    [int] $Count = 1000,
    [int] $Workers = 64,
    [double] $StopGrace = 0.5
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'
Import-Module Dispatcher

$dispatcher = New-Dispatcher -MinWorkers $Workers -MaxWorkers $Workers -StopGrace $StopGrace -TaskTimeout 1 -HistorySize 0
$dispatcher | Start-Dispatcher
$tasks = 1..$Count | Send-DispatchTask { [Threading.Thread]::Sleep(-1) } -Dispatcher $dispatcher
$null = $tasks | Wait-DispatchTask
$late = [double[]]::new($Count)
for ($i = 0; $i -lt $Count; $i++) {
    if ($tasks[$i].State -ne 'TimedOut') {
        throw "Task $i is $($tasks[$i].State)."
    }
    $late[$i] = $tasks[$i].Duration.TotalMilliseconds - 1000 - 1000 * $StopGrace
}
$dispatcher | Remove-Dispatcher -Force
[Array]::Sort($late)
'late=' + $late[[int] [Math]::Ceiling($Count * 0.99) - 1].ToString([cultureinfo]::InvariantCulture)
'latest=' + $late[$Count - 1].ToString([cultureinfo]::InvariantCulture)
