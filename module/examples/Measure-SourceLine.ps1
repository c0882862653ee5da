<#
.SYNOPSIS
Counts the lines of every file below a folder, several files at a time.

.DESCRIPTION
The shortest form: one pipeline through Invoke-DispatchTask, which has a dispatcher of its own for as long as the pipeline
runs. The output comes in the order of the input.

.PARAMETER Path
The folder; the current one where none is given.

.PARAMETER Filter
Which files, by a wildcard for the name.

.EXAMPLE
./Measure-SourceLine.ps1 -Path module -Filter *.ps1
#>
#Requires -Version 5.1
#Requires -Modules Dispatcher
[CmdletBinding()]
param(
    [Parameter(Position = 0)]
    [string] $Path = '.',

    [string] $Filter = '*'
)

Get-ChildItem -Path $Path -Filter $Filter -File -Recurse |
    Sort-Object FullName |
    Invoke-DispatchTask -Ordered -Timeout 30 {
        '{0,6}  {1}' -f @(Get-Content -LiteralPath $_.FullName).Count, $_.Name
    }
