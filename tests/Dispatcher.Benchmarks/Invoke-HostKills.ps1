#requires -Version 7.4
<#
.SYNOPSIS
Kills what runs tasks on two hosts, at random moments, until all tasks are through; and checks the books.

.DESCRIPTION
An SSH server at 127.0.0.2 and 127.0.0.3 starts this PowerShell. Tasks run on both, two at once on each. Every task adds a
letter to a file of its own and writes one line. Meanwhile one process after another is killed by SIGKILL: an ssh, an sshd of
a connection, or the PowerShell at the far end. It is checked that

- each task has ended, as completed or, after it was lost three times, as failed by the loss of its host,
- each completed one has its effect and its line, once at least and no more often than it was started,
- what the statistics say is what the tasks say,
- once the dispatcher was removed no process of it is left anywhere.

What is not so is an error, and ends the script with 1. Linux only, and needs ssh and sshd.

.PARAMETER Tasks
How many tasks.

.PARAMETER Seed
The same seed draws the same moments; what they meet is another matter.

.EXAMPLE
./Invoke-HostKills.ps1 -Tasks 20000 -Seed 7
#>
[CmdletBinding()]
param(
    [ValidateRange(10, 1000000)]
    [int] $Tasks = 5000,

    [int] $Seed = 1,

    # The longest time between two kills. Much less than it takes to open a session, and nothing is ever done.
    [ValidateRange(100, 1000000)]
    [int] $Milliseconds = 4000
)

$ErrorActionPreference = 'Stop'
Import-Module Dispatcher
. "$PSScriptRoot/../Pester/Start-SshServer.ps1"

function Get-Client([string] $key) {
    foreach ($folder in [IO.Directory]::GetDirectories('/proc')) {
        $id = 0
        if ([int]::TryParse([IO.Path]::GetFileName($folder), [ref] $id)) {
            try {
                $arguments = [IO.File]::ReadAllText("$folder/cmdline").Split([char] 0)
                if ($arguments[0] -match '(^|/)ssh$' -and $arguments -contains $key) {
                    $id
                }
            }
            catch {
                # It has gone.
                continue
            }
        }
    }
}

$random = [Random]::new($Seed)
$faults = [Collections.Generic.List[string]]::new()
$kills = [ordered]@{ ssh = 0; sshd = 0; powershell = 0 }
$server = Start-SshServer 127.0.0.2, 127.0.0.3
$root = [IO.Directory]::CreateTempSubdirectory('dispatcher hosts ').FullName
try {
    $dispatcher = New-Dispatcher -HostName $server.HostNames -Port $server.Port -UserName $server.UserName -KeyFilePath $server.KeyFilePath -SSHOption $server.Options -WorkersPerHost 2 -Prefetch 8 -QueueSize $Tasks -HistorySize $Tasks
    Start-Dispatcher $dispatcher
    $all = @(1..$Tasks | Send-DispatchTask {
            [IO.File]::AppendAllText("$using:root/$_", 'x')
            [Threading.Thread]::Sleep(2)
            "line $_"
        } -Dispatcher $dispatcher)
    $clock = [Diagnostics.Stopwatch]::StartNew()
    $done = 0
    while ($dispatcher.Statistics.Pending + $dispatcher.Statistics.Running -gt 0) {
        [Threading.Thread]::Sleep($random.Next(0, $Milliseconds))
        $now = $dispatcher.Statistics.Completed + $dispatcher.Statistics.Failed
        if ($now -ne $done) {
            $done = $now
            $clock.Restart()
        }
        elseif ($clock.Elapsed.TotalMinutes -gt 3) {
            $faults.Add("Nothing has ended for three minutes; $done tasks have.")
            break
        }

        $kind = @($kills.Keys)[$random.Next(3)]
        $sessions = @($server.SessionPids)
        $victims = @(switch ($kind) {
                ssh { Get-Client $server.KeyFilePath }
                sshd { $sessions }
                powershell { $server.ProcessIds | Where-Object { $_ -notin $sessions } }
            })
        if ($victims.Count -gt 0) {
            try {
                [Diagnostics.Process]::GetProcessById($victims[$random.Next($victims.Count)]).Kill()
                $kills[$kind]++
            }
            catch {
                Write-Verbose "It had gone: $_"
            }
        }
    }

    foreach ($task in $all) {
        $effects = if (Test-Path -LiteralPath "$root/$($task.InputObject)") { (Get-Item -LiteralPath "$root/$($task.InputObject)").Length } else { 0 }
        $lines = @($task.Output)
        $what = "Task $($task.Id), attempt $($task.Attempt), with $effects effects and $($lines.Count) lines"
        $isLost = $task.State -eq 'Failed' -and $task.Attempt -eq 3 -and "$($task.Error[-1].FullyQualifiedErrorId)" -like 'HostLost*'
        if ($task.State -ne 'Completed' -and -not $isLost) {
            $faults.Add("$what has ended as $($task.State).")
        }
        elseif ($task.State -eq 'Completed' -and ($effects -lt 1 -or $lines.Count -lt 1 -or $lines.Count -gt $task.Attempt -or $lines.Count -gt $effects -or "$($lines[-1])" -ne "line $($task.InputObject)")) {
            $faults.Add("$what does not add up.")
        }
    }

    $statistics = $dispatcher.Statistics
    foreach ($state in 'Completed', 'Failed', 'Pending', 'Running') {
        $count = @($all.State -eq $state).Count
        if ($statistics.$state -ne $count) {
            $faults.Add("$count tasks are $state, and the statistics say $($statistics.$state).")
        }
    }

    Remove-Dispatcher $dispatcher -Force
    $clock.Restart()
    while (($left = @(Get-Client $server.KeyFilePath) + @($server.ProcessIds)).Count -gt 0 -and $clock.Elapsed.TotalSeconds -lt 20) {
        [Threading.Thread]::Sleep(100)
    }

    if ($left.Count -gt 0) {
        $faults.Add("Processes are left: $left")
    }

    [pscustomobject]@{
        Tasks = $Tasks
        Kills = ($kills.Keys | ForEach-Object { "$_ $($kills[$_])" }) -join ', '
        Again = @($all | Where-Object Attempt -GT 1).Count
        Lost = @($all.State -eq 'Failed').Count
        Faults = $faults.Count
    }
}
finally {
    Get-Dispatcher | Remove-Dispatcher -Force
    $server.Dispose()
    Remove-Item -LiteralPath $root -Recurse -Force
}

if ($faults.Count -gt 0) {
    $faults | Select-Object -First 20 | ForEach-Object { Write-Warning $_ }
    exit 1
}
