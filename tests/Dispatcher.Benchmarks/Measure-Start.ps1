#requires -Version 7.0
<#
.SYNOPSIS
    Measures a beginning in this process, which has to be fresh: importing a module, or the first task.
.DESCRIPTION
    Prints 'milliseconds=n', and which build of the module it was. To measure what users get, install the package first:
    Install-Package.ps1 puts it where this looks for it; where it is not, any other that PowerShell finds is taken.
.PARAMETER Of
    Import and ThreadJobImport import a module; FirstTask makes and starts a dispatcher, sends a task and receives it;
    FirstParallel runs one item through ForEach-Object -Parallel.
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true, Position = 0)]
    [ValidateSet('Import', 'ThreadJobImport', 'FirstTask', 'FirstParallel')]
    [string] $Of
)

$ErrorActionPreference = 'Stop'
$env:PSModulePath = (Join-Path $PSScriptRoot '../../artifacts/installed') + [IO.Path]::PathSeparator + $env:PSModulePath
if ($Of -like 'First*') {
    Import-Module Dispatcher
}

$watch = [Diagnostics.Stopwatch]::StartNew()
switch ($Of) {
    'Import' {
        Import-Module Dispatcher
    }
    'ThreadJobImport' {
        Import-Module Microsoft.PowerShell.ThreadJob
    }
    'FirstTask' {
        $dispatcher = New-Dispatcher
        Start-Dispatcher
        $null = Send-DispatchTask { 1 } | Receive-DispatchTask -Wait
    }
    'FirstParallel' {
        $null = 1 | ForEach-Object -Parallel { $_ }
    }
}
$watch.Stop()
'milliseconds=' + $watch.Elapsed.TotalMilliseconds.ToString([cultureinfo]::InvariantCulture)
if ($Of -eq 'FirstTask') {
    $dispatcher | Remove-Dispatcher -Force
}
if (Get-Module Dispatcher) {
    "build $((Get-Module Dispatcher).PrivateData['Build']) of $((Get-Module Dispatcher).ModuleBase)"
}
