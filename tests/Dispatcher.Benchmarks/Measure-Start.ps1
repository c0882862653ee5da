#requires -Version 7.0
<#
.SYNOPSIS
    Measures a beginning in this process, which has to be fresh: importing a module, or the first task.
.DESCRIPTION
    Prints 'milliseconds=n'.
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
