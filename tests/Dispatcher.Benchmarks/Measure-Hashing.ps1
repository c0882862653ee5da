<#
.SYNOPSIS
    Measures how much faster two workers are than a serial loop when the tasks compute: each hashes a buffer for some 5 ms.
.DESCRIPTION
    Prints 'name=milliseconds' for both, the medians of the rounds after the warm-up.
#>
[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSAvoidAssignmentToAutomaticVariable', '', Justification = 'The serial loop gives its block the item as the others do.')]
[CmdletBinding()]
param(
    [int] $Count = 200,
    [int] $Rounds = 5,
    [int] $WarmUp = 5
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'
Import-Module Dispatcher

# As large as takes 5 ms on this machine.
$buffer = [byte[]]::new(1MB)
$sha = [Security.Cryptography.SHA256]::Create()
$null = $sha.ComputeHash($buffer)
$watch = [Diagnostics.Stopwatch]::StartNew()
foreach ($i in 1..20) {
    $null = $sha.ComputeHash($buffer)
}
$buffer = [byte[]]::new([int] (1MB * 5 / ($watch.Elapsed.TotalMilliseconds / 20)))

$dispatcher = New-Dispatcher -MinWorkers 2 -MaxWorkers 2 -TaskTimeout 30 -HistorySize 0
$dispatcher | Start-Dispatcher
$items = 1..$Count
$ways = [ordered] @{
    serial     = { foreach ($_ in $items) { & { [Security.Cryptography.SHA256]::Create().ComputeHash($buffer).Length } } }
    dispatcher = { $items | Send-DispatchTask { [Security.Cryptography.SHA256]::Create().ComputeHash($using:buffer).Length } | Receive-DispatchTask -Wait }
}
$times = @{ serial = [Collections.Generic.List[double]]::new(); dispatcher = [Collections.Generic.List[double]]::new() }
foreach ($round in 1..($WarmUp + $Rounds)) {
    foreach ($name in $ways.Keys) {
        $watch = [Diagnostics.Stopwatch]::StartNew()
        $output = @(& $ways[$name])
        $watch.Stop()
        if ($output.Count -ne $Count) {
            throw "$name gave $($output.Count) results."
        }

        if ($round -gt $WarmUp) {
            $times[$name].Add($watch.Elapsed.TotalMilliseconds)
        }
    }
}

foreach ($name in $ways.Keys) {
    $sorted = $times[$name].ToArray()
    [Array]::Sort($sorted)
    $name + '=' + $sorted[[Math]::Floor($Rounds / 2)].ToString([cultureinfo]::InvariantCulture)
}
$dispatcher | Remove-Dispatcher -Force
