#requires -Version 7.4
<#
.SYNOPSIS
Kills a run that keeps a journal, over and over, at random moments, until it is through; and checks what is left.

.DESCRIPTION
The run has 1,000 script blocks and 1,000 executables. Each leaves a file for its item, which gets a letter for each time the
item was run. It is killed by SIGKILL and started again until it has ended by itself; then the next round begins, until
there have been enough kills. Of each round it is checked that

- each item has its file,
- no item was run again that was in the journal at a kill,
- no kill has repeated more than one item for each worker,
- the output of the last start is complete, and in order.

What is not so is an error, and ends the script with 1. Linux and macOS only.

.PARAMETER Kills
How many kills.

.PARAMETER Seed
The same seed draws the same moments; what they meet is another matter.

.EXAMPLE
./Invoke-JournalKills.ps1 -Kills 200
#>
[CmdletBinding()]
param(
    [ValidateRange(1, 100000)]
    [int] $Kills = 200,

    [int] $Seed = 1,

    [ValidateRange(10, 1000000)]
    [int] $Count = 2000,

    # How the script starts itself: where the run goes.
    [string] $Folder
)

$ErrorActionPreference = 'Stop'
$workers = 2
$half = [int]($Count / 2)
Import-Module Dispatcher

if ($Folder) {
    $effects = "$Folder/effects"
    'ready'
    1..$half | Invoke-DispatchTask {
        [IO.File]::AppendAllText("$using:effects/b$_", 'x')
        [Threading.Thread]::Sleep(1)
        "b$_"
    } -JournalPath $Folder/blocks -LogInput Text -Ordered -MaxWorkers $workers -WarningAction SilentlyContinue
    1..$half | Invoke-DispatchTask -FilePath sh -ArgumentList { '-c', "printf x >> '$effects/e$_'; echo e$_" } `
        -JournalPath $Folder/programs -LogInput Text -Ordered -MaxWorkers $workers -WarningAction SilentlyContinue
    return
}

function Start-Run([string] $folder) {
    $start = [Diagnostics.ProcessStartInfo]::new([Environment]::ProcessPath)
    $library = [Environment]::GetCommandLineArgs()[0]
    if ($library -like '*.dll') {
        $start.ArgumentList.Add($library)
    }

    foreach ($argument in '-NoProfile', '-NonInteractive', '-File', $PSCommandPath, '-Folder', $folder, '-Count', $Count) {
        $start.ArgumentList.Add($argument)
    }

    $start.RedirectStandardOutput = $true
    $start.UseShellExecute = $false
    [Diagnostics.Process]::Start($start)
}

function Get-Recorded([string] $folder) {
    foreach ($kind in @{ blocks = 'b' }, @{ programs = 'e' }) {
        foreach ($name in $kind.Keys) {
            if (Test-Path "$folder/$name/journal.jsonl") {
                Get-DispatchJournal "$folder/$name" -State Completed | ForEach-Object { $kind[$name] + $_.Item }
            }
        }
    }
}

function Get-Repeat([string] $folder, [string] $name) {
    (Get-Item -LiteralPath "$folder/effects/$name").Length
}

$random = [Random]::new($Seed)
$killed = $repeated = $rounds = 0
$faults = [Collections.Generic.List[string]]::new()
while ($killed -lt $Kills) {
    $rounds++
    $root = [IO.Directory]::CreateTempSubdirectory('dispatcher journal ').FullName
    $null = New-Item -ItemType Directory "$root/effects"
    $recorded = @{}
    $killsOfRound = 0
    while ($true) {
        $run = Start-Run $root
        $lines = [Collections.Generic.List[string]]::new()
        if ($killed -lt $Kills) {
            $null = $run.StandardOutput.ReadLine()
            $isEnded = $run.WaitForExit($random.Next(0, 900))
        }
        else {
            $isEnded = $true
        }

        if (-not $isEnded) {
            $run.Kill()
            $run.WaitForExit()
            $killed++
            $killsOfRound++
            foreach ($name in Get-Recorded $root) {
                if (-not $recorded.ContainsKey($name)) {
                    $recorded[$name] = Get-Repeat $root $name
                }
            }

            continue
        }

        while ($null -ne ($line = $run.StandardOutput.ReadLine())) {
            if ($line -ne 'ready') {
                $lines.Add($line)
            }
        }

        $run.WaitForExit()
        if ($run.ExitCode -ne 0) {
            $faults.Add("The run has ended with $($run.ExitCode).")
        }

        break
    }

    $expected = @(1..$half | ForEach-Object { "b$_" }) + @(1..$half | ForEach-Object { "e$_" })
    if (($lines -join ',') -ne ($expected -join ',')) {
        $faults.Add("The output has $($lines.Count) lines, or another order, and should have $($expected.Count).")
    }

    $again = 0
    foreach ($name in $expected) {
        if (-not (Test-Path -LiteralPath "$root/effects/$name")) {
            $faults.Add("$name was not run.")
        }
        else {
            $length = Get-Repeat $root $name
            $again += $length - 1
            if ($recorded.ContainsKey($name) -and $recorded[$name] -ne $length) {
                $faults.Add("$name was recorded, and run again.")
            }
        }
    }

    if ($again -gt $workers * $killsOfRound) {
        $faults.Add("$killsOfRound kills have repeated $again items.")
    }

    $repeated += $again
    Remove-Item -LiteralPath $root -Recurse -Force
}

[pscustomobject]@{ Kills = $killed; Rounds = $rounds; Items = $rounds * $Count; Repeated = $repeated; Faults = $faults.Count }
if ($faults.Count -gt 0) {
    $faults | Select-Object -First 20 | ForEach-Object { Write-Warning $_ }
    exit 1
}
