<#
.SYNOPSIS
Tests archives with tar, several at a time, each with its own time limit.

.DESCRIPTION
Runs 'tar -tf FILE' for every archive in a folder, and prints how each run ended: its state, exit
code, duration and what it wrote to standard error. A run over the limit is ended, with all processes
it has started, and the others go on.

Without -Path it shows all three ends on a folder that it makes and removes: a sound archive, a broken
one, and a program that would run for half a minute but may take one second.

.PARAMETER Path
The folder with the archives (*.tar, *.tar.gz, *.tgz).

.PARAMETER Timeout
How many seconds the test of one archive may take.

.PARAMETER MaxWorkers
How many archives are tested at the same time at most.

.EXAMPLE
./Test-Archive.ps1

.EXAMPLE
./Test-Archive.ps1 -Path /var/backups -Timeout 600 -MaxWorkers 4
#>
#Requires -Version 5.1
[CmdletBinding()]
param(
    [Parameter(Position = 0)]
    [string] $Path,

    [ValidateRange(0.001, 86400)]
    [double] $Timeout = 60,

    [ValidateRange(1, 1000)]
    [int] $MaxWorkers = [Environment]::ProcessorCount
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

$isDemonstration = -not $Path
if ($isDemonstration) {
    $Path = Join-Path ([IO.Path]::GetTempPath()) ('archives-' + [guid]::NewGuid().ToString('n'))
    $null = New-Item -ItemType Directory -Path $Path
}

$dispatcher = New-Dispatcher -MaxWorkers $MaxWorkers -TaskTimeout $Timeout
try {
    $dispatcher | Start-Dispatcher
    if ($isDemonstration) {
        Set-Content -LiteralPath (Join-Path $Path 'broken.tar') -Value 'This is no archive.'
        Set-Content -LiteralPath (Join-Path $Path 'note.txt') -Value 'A file to be archived.'
        $null = Send-DispatchTask -Dispatcher $dispatcher -FilePath tar -ArgumentList '-cf', 'sound.tar', 'note.txt' -WorkingDirectory $Path |
            Wait-DispatchTask
    }

    $archives = Get-ChildItem -LiteralPath $Path -File | Where-Object Name -Match '\.(tar|tar\.gz|tgz)$' | Sort-Object Name
    $tasks = @($archives | Send-DispatchTask -Dispatcher $dispatcher -FilePath tar -ArgumentList { '-tf', $_.FullName })

    if ($isDemonstration) {
        $program, $arguments = 'sleep', @('30')
        if ($env:OS -eq 'Windows_NT') {
            $program, $arguments = 'ping', @('-n', '31', '127.0.0.1')
        }

        $tasks += Send-DispatchTask -Dispatcher $dispatcher -FilePath $program -ArgumentList $arguments -Name "$program $arguments" -Timeout 1
    }

    $null = $tasks | Wait-DispatchTask
}
finally {
    $dispatcher | Remove-Dispatcher -Force
    if ($isDemonstration) {
        Remove-Item -LiteralPath $Path -Recurse -Force
    }
}

$rows = foreach ($task in $tasks) {
    $name = $task.Name
    if ($task.InputObject) {
        $name = $task.InputObject.Name
    }

    [pscustomobject]@{
        Name          = $name
        State         = $task.State
        ExitCode      = $task.ExitCode
        Seconds       = '{0:n1}' -f $task.Duration.TotalSeconds
        StandardError = $task.StandardError -join [Environment]::NewLine
        Exception     = $task.Exception
    }
}

($rows | Format-Table -AutoSize -Wrap -Property @(
    'Name'
    @{ Name = 'State'; Expression = 'State'; Alignment = 'Left' }
    'ExitCode'
    @{ Name = 'Seconds'; Expression = 'Seconds'; Alignment = 'Right' }
    'StandardError'
) | Out-String -Width 120).Trim()
''

# Where the program has not told why, the exception does.
foreach ($row in $rows | Where-Object { $_.Exception -and -not $_.StandardError }) {
    '{0}: {1}' -f $row.Name, $row.Exception.Message
}
