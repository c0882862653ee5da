<#
.SYNOPSIS
    Builds Dispatcher, tests it, and packs it.
.DESCRIPTION
    Build stages the importable module in artifacts/modules/Dispatcher/<version>. Test runs the .NET tests and then the
    Pester suite, each on the module as it was staged. Pack makes the package for the PowerShell Gallery in
    artifacts/packages/release, as "dotnet pack src/Dispatcher.PowerShell" does. Needs the .NET 10 SDK, and for the Pester
    suite Pester 5 or later.
.PARAMETER Task
    Build (the default), Test, Pester (the Pester suite alone, on what is staged), Pack, or Clean.
.PARAMETER Configuration
    Debug or Release; both are optimized. Pack's default is Release, that of the others Debug.
.PARAMETER Installed
    The Pester suite tests the module that is installed, instead of the one that is staged.
.EXAMPLE
    ./build.ps1
.EXAMPLE
    ./build.ps1 -Task Test
.EXAMPLE
    ./build.ps1 -Task Pack
#>
[CmdletBinding()]
param(
    [Parameter(Position = 0)]
    [ValidateSet('Build', 'Test', 'Pester', 'Pack', 'Clean')]
    [string] $Task = 'Build',

    [ValidateSet('Debug', 'Release')]
    [string] $Configuration = $(if ($Task -eq 'Pack') { 'Release' } else { 'Debug' }),

    [switch] $Installed
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'
$solution = Join-Path $PSScriptRoot 'Dispatcher.sln'

function Invoke-Program([string] $Program, [string[]] $Argument) {
    & $Program @Argument
    if ($LASTEXITCODE -ne 0) {
        throw "$Program $Argument ended with exit code $LASTEXITCODE."
    }
}

function Invoke-PesterSuite {
    if (-not (Get-Module -ListAvailable Pester | Where-Object Version -GE ([version] '5.0'))) {
        throw 'Pester 5 or later is not installed. Install it with: Install-Module Pester'
    }

    # In a process of its own: an imported module keeps its assemblies, and the next build could not replace them.
    # It inherits the variable that tests/Pester/Import-StagedModule.ps1 looks at.
    $env:DISPATCHER_TEST_INSTALLED = if ($Installed) { '1' } else { $null }
    $suite = Join-Path $PSScriptRoot (Join-Path 'tests' 'Pester')
    $command = '$c = New-PesterConfiguration; $c.Run.Path = ''{0}''; $c.Run.Exit = $true; Invoke-Pester -Configuration $c' -f $suite.Replace("'", "''")
    Invoke-Program (Get-Process -Id $PID).Path @('-NoProfile', '-Command', "Import-Module Pester -MinimumVersion 5.0; $command")
}

switch ($Task) {
    'Build' {
        Invoke-Program dotnet @('build', $solution, '--configuration', $Configuration)
    }
    'Test' {
        Invoke-Program dotnet @('test', $solution, '--configuration', $Configuration)
        Invoke-PesterSuite
    }
    'Pester' {
        Invoke-PesterSuite
    }
    'Pack' {
        Invoke-Program dotnet @('pack', (Join-Path $PSScriptRoot (Join-Path 'src' 'Dispatcher.PowerShell')), '--configuration', $Configuration)
    }
    'Clean' {
        Invoke-Program dotnet @('clean', $solution, '--configuration', $Configuration)
        Remove-Item (Join-Path $PSScriptRoot 'artifacts') -Recurse -Force -ErrorAction SilentlyContinue
    }
}
