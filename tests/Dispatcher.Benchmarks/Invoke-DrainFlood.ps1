<#
.SYNOPSIS
    Drains a dispatcher again and again while several runspaces flood it, and checks that no drain returns with work undone.
.DESCRIPTION
    In each round, three runspaces share one dispatcher and send tasks to it while it is drained. One task holds the drain
    up until they have sent their last, so that all of it was sent before the drain could end: when it returns, nothing
    may be pending or running, and every task must have completed. Exits with the number of rounds that went wrong.
.PARAMETER Rounds
    How many drains.
#>
[CmdletBinding()]
param(
    [int] $Rounds = 200,
    [int] $Senders = 3,
    [int] $TasksPerSender = 40
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'
Import-Module Dispatcher

$sessions = foreach ($number in 1..$Senders) {
    $session = [PowerShell]::Create([InitialSessionState]::CreateDefault2())
    $null = $session.AddScript('Import-Module Dispatcher').Invoke()
    $session.Commands.Clear()
    $session
}
$send = {
    param($dispatcher, $count, $started)
    1..$count | Send-DispatchTask { $_ } -Dispatcher $dispatcher | & {
        begin { $sent = 0 }
        process { $sent++; if ($sent -eq 1) { $null = $started.Signal() } }
    }
}

$wrong = 0
foreach ($round in 1..$Rounds) {
    $dispatcher = New-Dispatcher -MinWorkers 0 -MaxWorkers 4 -QueueSize 16 -HistorySize 0
    $dispatcher | Start-Dispatcher
    $done = [Threading.ManualResetEventSlim]::new()
    $started = [Threading.CountdownEvent]::new($Senders)
    $null = Send-DispatchTask { ($using:done).Wait() } -Dispatcher $dispatcher -Timeout 60
    $calls = foreach ($session in $sessions) {
        $session.Commands.Clear()
        $null = $session.AddScript($send).AddArgument($dispatcher).AddArgument($TasksPerSender).AddArgument($started)
        @{ Session = $session; Result = $session.BeginInvoke() }
    }
    $started.Wait()

    # The drain begins in the middle of the flood; a runspace of its own waits for the flood's end, and lets it go.
    $letGo = {
        param($calls, $done)
        foreach ($call in $calls) { $null = $call.Session.EndInvoke($call.Result) }
        $done.Set()
    }
    $release = [PowerShell]::Create([InitialSessionState]::CreateDefault2()).AddScript($letGo).AddArgument($calls).AddArgument($done)
    $releasing = $release.BeginInvoke()
    $dispatcher | Stop-Dispatcher -Drain -Timeout 60 -WarningAction SilentlyContinue
    $null = $release.EndInvoke($releasing)
    $release.Dispose()

    $counts = $dispatcher.Statistics
    $expected = 1 + $Senders * $TasksPerSender
    if ($counts.Pending -ne 0 -or $counts.Running -ne 0 -or $counts.Completed -ne $expected) {
        $wrong++
        "Round ${round}: $($counts.Pending) pending, $($counts.Running) running, $($counts.Completed) completed of $expected"
    }
    $dispatcher | Remove-Dispatcher
}
$sessions | & { process { $_.Runspace.Dispose(); $_.Dispose() } }
"$Rounds drains under a flood from $Senders runspaces, $wrong returned with work undone"
exit $wrong
