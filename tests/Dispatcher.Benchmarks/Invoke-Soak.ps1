<#
.SYNOPSIS
    Sends 100,000 tasks of all kinds of behaviour through one dispatcher, and checks that the books balance.
.DESCRIPTION
    1 % of the tasks throw, 1 % call exit, 0.1 % are stuck in a .NET call with a limit of 1 s. The pool is resized from 2
    to 16 workers and back while they run. At the end it is drained: every count has to be exact, no worker may be lost,
    and no thread of the dispatcher may be left.
.PARAMETER Count
    How many tasks; a multiple of 1000.
.PARAMETER Workers
    How many workers at the start and at the end.
#>
[CmdletBinding()]
param(
    [int] $Count = 100000,
    [int] $Workers = 8
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'
Import-Module Dispatcher

function Get-ThreadCount {
    $named = 0
    foreach ($comm in [System.IO.Directory]::GetDirectories('/proc/self/task')) {
        try {
            if ([System.IO.File]::ReadAllText("$comm/comm").StartsWith('soak worker')) { $named++ }
        }
        catch [System.IO.IOException] {
            # The thread ended while it was looked at.
            continue
        }
    }
    $named
}

$watch = [System.Diagnostics.Stopwatch]::StartNew()
$soak = New-Dispatcher soak -MinWorkers $Workers -MaxWorkers $Workers -StopGrace 0.5 -HistorySize 0
Start-Dispatcher soak

$block = {
    if ($_ % 1000 -eq 1) { [System.Threading.Thread]::Sleep(600000) }
    if ($_ % 100 -eq 2) { throw "task $_" }
    if ($_ % 100 -eq 3) { exit 3 }
    $_
}
$sizes = 2, 16, 4, 16, 2, $Workers
$output = [long] 0
$part = $Count / ($sizes.Count)
$next = 1
foreach ($size in $sizes) {
    Set-Dispatcher soak -MinWorkers 1
    Set-Dispatcher soak -MaxWorkers $size
    Set-Dispatcher soak -MinWorkers ([Math]::Min($size, $Workers))
    $last = if ($size -eq $sizes[-1] -and $next -gt $Count - $part - 1) { $Count } else { [int] ($next + $part - 1) }
    $next..$last | Send-DispatchTask $block -Timeout 1 | Receive-DispatchTask -Wait -ErrorAction SilentlyContinue | & {
        process { $script:output++ }
    }
    $next = $last + 1
    if ($next -gt $Count) { break }
}

$workersBefore = $soak.WorkerCount
Stop-Dispatcher soak -Drain
$counts = $soak.Statistics
$stuck = $Count / 1000
$failed = 2 * $Count / 100
$expected = [ordered] @{
    Sent      = $Count
    Pending   = 0
    Running   = 0
    Completed = $Count - $stuck - $failed
    Failed    = $failed
    TimedOut  = $stuck
    Stopped   = 0
    Rejected  = 0
}
$wrong = 0
foreach ($name in $expected.Keys) {
    $mark = if ($counts.$name -eq $expected[$name]) { 'ok' } else { $wrong++; "WRONG, expected $($expected[$name])" }
    '{0,-10}{1,8}  {2}' -f $name, $counts.$name, $mark
}
$checks = @(
    , @('Output', $output, $expected.Completed)
    , @('Workers', $workersBefore, $Workers)
    , @('Threads', (Get-ThreadCount), 0)
)
foreach ($check in $checks) {
    $mark = if ($check[1] -eq $check[2]) { 'ok' } else { $wrong++; "WRONG, expected $($check[2])" }
    '{0,-10}{1,8}  {2}' -f $check[0], $check[1], $mark
}
'{0:n1} s' -f $watch.Elapsed.TotalSeconds
Remove-Dispatcher soak
exit $wrong
