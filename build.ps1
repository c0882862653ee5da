<#
.SYNOPSIS
    Builds Dispatcher, tests it, and packs it.
.DESCRIPTION
    Build stages the importable module in artifacts/modules/Dispatcher/<version>. Test runs "dotnet test", which runs the
    Pester suite as well, on the module as it was staged. Pack makes the package for the PowerShell Gallery in
    artifacts/packages/release, as "dotnet pack src/Dispatcher.PowerShell" does: with an image for each system, of which Build
    makes the one for this system. Needs the .NET 10 SDK.
.PARAMETER Task
    Build (the default), Test, Pester (the Pester suite alone, in this PowerShell, on what is staged), Pack, or Clean.
.PARAMETER Configuration
    Debug or Release; both are optimized. Pack's default is Release, that of the others Debug.
.PARAMETER Installed
    The Pester suite tests the module that is installed, instead of the one that is staged.
.PARAMETER PesterVersion
    The version of Pester that the suite runs on. The default is the newest that is installed, and where none is, the one
    that the build has downloaded.
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

    [switch] $Installed,

    [version] $PesterVersion
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'
$solution = Join-Path $PSScriptRoot 'Dispatcher.sln'
. (Join-Path $PSScriptRoot 'tests/Pester/Get-PowerShellCommand.ps1')

function Invoke-Program([string] $Program, [string[]] $Argument) {
    & $Program @Argument
    if ($LASTEXITCODE -ne 0) {
        throw "$Program $Argument ended with exit code $LASTEXITCODE."
    }
}

# The manifest of an installed Pester, or of one that the build has downloaded into NuGet's folder of packages.
function Find-Pester {
    $installed = Get-Module -ListAvailable Pester |
        Where-Object { if ($PesterVersion) { $_.Version -eq $PesterVersion } else { $_.Version -ge '5.0' } } |
        Sort-Object Version | Select-Object -Last 1
    if ($installed) { return $installed.Path }

    $wanted = $PesterVersion
    if (-not $wanted) {
        $wanted = ([xml] (Get-Content -Raw (Join-Path $PSScriptRoot 'Directory.Packages.props'))).SelectSingleNode('//PesterVersion').InnerText
    }
    $packages = $env:NUGET_PACKAGES
    if (-not $packages) {
        $packages = Join-Path ([Environment]::GetFolderPath('UserProfile')) (Join-Path '.nuget' 'packages')
    }
    $downloaded = Join-Path $packages "pester/$wanted/tools/Pester.psd1"
    if (Test-Path -LiteralPath $downloaded) { return $downloaded }
    throw "Pester $wanted is not here. Download it with 'dotnet restore', or install it with: Install-Module Pester"
}

function Invoke-PesterSuite {
    $pester = Find-Pester

    # In a process of its own: an imported module keeps its assemblies, and the next build could not replace them.
    # It inherits the variable that tests/Pester/Import-StagedModule.ps1 looks at.
    $env:DISPATCHER_TEST_INSTALLED = if ($Installed) { '1' } else { $null }
    $suite = Join-Path $PSScriptRoot (Join-Path 'tests' 'Pester')
    $command = '$c = New-PesterConfiguration; $c.Run.Path = ''{0}''; $c.Run.Exit = $true; Invoke-Pester -Configuration $c' -f $suite.Replace("'", "''")
    $powershell = Get-PowerShellCommand
    $import = 'Import-Module ''{0}''' -f $pester.Replace("'", "''")
    Invoke-Program $powershell.Program ($powershell.Arguments + @('-NoProfile', '-Command', "$import; $command"))
}

switch ($Task) {
    'Build' {
        Invoke-Program dotnet @('build', $solution, '--configuration', $Configuration)
    }
    'Test' {
        Invoke-Program dotnet @('test', $solution, '--configuration', $Configuration)
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
