<#
.SYNOPSIS
Checks several hosts at the same time, and prints a line for each.

.DESCRIPTION
Asks each host for its version of PowerShell, how long it has been up and what is free on its disk, and whether it can open
the TCP ports that are named. Each host is a task with a limit of its own, which counts from before the connection: a host
that does not answer is a line with the reason, and the others go on.

With -HostName the hosts are reached over SSH; they need PowerShell 7.4 or later as a subsystem of their SSH server, and
nothing else (Get-Help about_Dispatcher_Remote). Without it, two processes on this machine stand for two hosts: the script
opens a session in each, and ends both.

.PARAMETER HostName
The hosts: web1, admin@web1, web1:2222.

.PARAMETER Port
TCP ports that each host tries to open: name:port, or a number for a port of the host itself.

.PARAMETER Timeout
How many seconds the check of one host may take, connecting included.

.EXAMPLE
./Test-Host.ps1

.EXAMPLE
./Test-Host.ps1 -HostName web1, admin@web2 -Port 443, db1:5432
#>
#Requires -Version 7.4
[CmdletBinding()]
param(
    [Parameter(Position = 0)]
    [string[]] $HostName,

    [string[]] $Port = @(),

    [ValidateRange(0.001, 86400)]
    [double] $Timeout = 60
)

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

# Runs on each host. What it writes comes back as a copy.
$check = {
    param([string[]] $Port)
    $drive = (Get-Location -PSProvider FileSystem).Drive
    $closed = foreach ($one in $Port) {
        $name, $number = if ($one -match '^(.+):(\d+)$') { $Matches[1], $Matches[2] } else { 'localhost', $one }
        $client = [Net.Sockets.TcpClient]::new()
        try {
            if (-not $client.ConnectAsync($name, $number).Wait(3000)) { $one }
        }
        catch {
            $one
        }
        finally {
            $client.Dispose()
        }
    }

    [pscustomobject]@{
        Version = "$($PSVersionTable.PSVersion)"
        Uptime  = [timespan]::FromMilliseconds([Environment]::TickCount64)
        FreeGB  = $drive.Free / 1GB
        Closed  = @($closed)
    }
}

$processes = @()
$sessions = @()
try {
    if ($HostName) {
        $places = $HostName | ForEach-Object { @{ Name = $_; Parameters = @{ HostName = $_ } } }
    }
    else {
        $processes = 1..2 | ForEach-Object { [Management.Automation.Runspaces.PowerShellProcessInstance]::new() }
        $places = foreach ($process in $processes) {
            $runspace = [Management.Automation.Runspaces.RunspaceFactory]::CreateOutOfProcessRunspace($null, $process)
            $runspace.Open()
            $sessions += $session = [Management.Automation.Runspaces.PSSession]::Create($runspace, 'Process', $null)
            @{ Name = "process $($process.Process.Id)"; Parameters = @{ Session = $session } }
        }
    }

    # A task here for each host; in it, the check is the one task of a dispatcher with that host. So the limit includes
    # connecting, and one host cannot hold up another.
    $found = @($places | Invoke-DispatchTask -Ordered -WithTask -MaxWorkers 32 -Timeout $Timeout -ErrorVariable failed -ErrorAction SilentlyContinue {
            $parameters = $_.Parameters
            Invoke-DispatchTask $using:check -ArgumentList (, $using:Port) @parameters -ErrorAction Stop -WarningAction SilentlyContinue
        })
}
finally {
    $sessions | Remove-PSSession
    $processes | ForEach-Object { $_.Dispose() }
}

$rows = foreach ($place in $places) {
    $one = $found | Where-Object { $_.DispatchTask.InputObject -eq $place } | Select-Object -First 1
    $reason = $failed | Where-Object { $_.DispatchTask.InputObject -eq $place } | Select-Object -First 1
    [pscustomobject]@{
        Host    = $place.Name
        Version = $one.Version
        Uptime  = if ($one) { '{0:d\.hh\:mm}' -f $one.Uptime }
        FreeGB  = if ($one) { '{0:n1}' -f $one.FreeGB }
        Result  = if (-not $one) { "$reason" } elseif ($one.Closed) { 'closed: ' + ($one.Closed -join ', ') } else { 'well' }
    }
}

($rows | Format-Table -AutoSize -Wrap -Property @(
    'Host'
    'Version'
    @{ Name = 'Uptime'; Expression = 'Uptime'; Alignment = 'Right' }
    @{ Name = 'FreeGB'; Expression = 'FreeGB'; Alignment = 'Right' }
    'Result'
) | Out-String -Width 120).Trim()
