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
[CmdletBinding()]
param(
    [Parameter(Position = 0)]
    [string] $Path = '.',

    [string] $Filter = '*'
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

Get-ChildItem -Path $Path -Filter $Filter -File -Recurse |
    Sort-Object FullName |
    Invoke-DispatchTask -Ordered -Timeout 30 {
        '{0,6}  {1}' -f @(Get-Content -LiteralPath $_.FullName).Count, $_.Name
    }
