#requires -Version 7.0
<#
.SYNOPSIS
    Installs the module from its package, as users do, in a folder of modules.
.DESCRIPTION
    Start-up is measured on what this leaves: the files that an installed module has, and no others.
.PARAMETER Feed
    The folder with the package, which is the repository to install from.
.PARAMETER Path
    The folder to install in. What it has of the module is replaced.
#>
[CmdletBinding()]
param(
    [string] $Feed = "$PSScriptRoot/../../artifacts/packages/release",
    [string] $Path = "$PSScriptRoot/../../artifacts/installed"
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$folder = (New-Item $Path -ItemType Directory -Force).FullName
if (Test-Path -LiteralPath $folder/Dispatcher) {
    Remove-Item -LiteralPath $folder/Dispatcher -Recurse
}

$repository = 'dispatcher-' + [guid]::NewGuid()
Register-PSResourceRepository $repository -Uri (Resolve-Path -LiteralPath $Feed).Path -Trusted
try {
    Save-PSResource Dispatcher -Repository $repository -Path $folder
}
finally {
    Unregister-PSResourceRepository $repository
}
