<#
.SYNOPSIS
Hashes every file of a folder, several at a time, and prints a table.

.DESCRIPTION
Each file is one task of a dispatcher. A file that cannot be read, or that takes longer than the
limit, fails alone: the others are hashed all the same, and the failed ones are listed at the end
with the reason. Folders that hold no sources are left out, and links to folders are not followed.

.PARAMETER Path
The folder; the current one where none is given.

.PARAMETER MaxWorkers
How many files are hashed at the same time at most.

.PARAMETER Timeout
How many seconds one file may take.

.PARAMETER ExcludeFolder
The names of the folders to leave out, wherever they are.

.EXAMPLE
./Get-FileHashTable.ps1 -Path ~/src

.EXAMPLE
./Get-FileHashTable.ps1 -Path /srv/share -MaxWorkers 8 -Timeout 300 -ExcludeFolder lost+found
#>
#Requires -Version 5.1
[CmdletBinding()]
param(
    [Parameter(Position = 0)]
    [string] $Path = '.',

    [ValidateRange(1, 1000)]
    [int] $MaxWorkers = [Environment]::ProcessorCount,

    [ValidateRange(0.001, 86400)]
    [double] $Timeout = 60,

    [string[]] $ExcludeFolder = @('.git', 'bin', 'obj', 'artifacts')
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

function Get-FileBelow([string] $Folder) {
    foreach ($item in Get-ChildItem -LiteralPath $Folder -Force) {
        $isLink = $item.Attributes -band [IO.FileAttributes]::ReparsePoint
        if (-not $item.PSIsContainer) {
            $item
        }
        elseif (-not $isLink -and $ExcludeFolder -notcontains $item.Name) {
            Get-FileBelow $item.FullName
        }
    }
}

$root = (Resolve-Path -LiteralPath $Path -ErrorAction Stop).ProviderPath
$prefix = $root.TrimEnd('/', '\').Length + 1
$clock = [Diagnostics.Stopwatch]::StartNew()

$dispatcher = New-Dispatcher -MaxWorkers $MaxWorkers -TaskTimeout $Timeout
try {
    $dispatcher | Start-Dispatcher
    $hash = { Get-FileHash -LiteralPath $_.PSPath -ErrorAction Stop }
    $tasks = @(Get-FileBelow $root | Send-DispatchTask -Dispatcher $dispatcher $hash)
    $dispatcher | Stop-Dispatcher -Drain
    $counts = $dispatcher.Statistics
}
finally {
    $dispatcher | Remove-Dispatcher -Force
}

$bytes = 0
$rows = foreach ($task in $tasks | Where-Object State -EQ 'Completed') {
    $bytes += $task.InputObject.Length
    [pscustomobject]@{
        Path   = $task.InputObject.FullName.Substring($prefix)
        SHA256 = $task.Output[0].Hash.Substring(0, 12).ToLowerInvariant()
        KB     = '{0:n1}' -f ($task.InputObject.Length / 1KB)
        ms     = '{0:n0}' -f $task.Duration.TotalMilliseconds
    }
}

# A fixed width: otherwise long paths are cut where the output goes to a file or a narrow window.
($rows | Sort-Object Path | Format-Table -AutoSize -Property @(
    'SHA256'
    @{ Name = 'KB'; Expression = 'KB'; Alignment = 'Right' }
    @{ Name = 'ms'; Expression = 'ms'; Alignment = 'Right' }
    'Path'
) | Out-String -Width 500).Trim()
''
'{0} files, {1} hashed ({2:n1} KB), {3} failed, {4} timed out; at most {5} at a time, {6:n1} s' -f
$counts.Sent, $counts.Completed, ($bytes / 1KB), $counts.Failed, $counts.TimedOut, $MaxWorkers, $clock.Elapsed.TotalSeconds

foreach ($task in $tasks | Where-Object State -NE 'Completed' | Sort-Object { $_.InputObject.FullName }) {
    '{0}: {1}: {2}' -f $task.State, $task.InputObject.FullName.Substring($prefix), $task.Error[-1]
}
