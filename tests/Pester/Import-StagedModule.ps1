# Every test file starts from the module that the build has staged, whatever else is installed; or, where build.ps1 was
# told -Installed, from the installed one.
. "$PSScriptRoot/Get-PowerShellCommand.ps1"
Get-Module Dispatcher | Remove-Module
if ($env:DISPATCHER_TEST_INSTALLED) {
    Import-Module Dispatcher -ErrorAction Stop
    return
}

$staged = Join-Path $PSScriptRoot '../../artifacts/modules/Dispatcher'
$manifest = Get-ChildItem -Path $staged -Filter Dispatcher.psd1 -Recurse -ErrorAction SilentlyContinue |
    Sort-Object { [version] $_.Directory.Name } | Select-Object -Last 1
if (-not $manifest) {
    throw "There is no staged module in '$staged'. Build first: dotnet build"
}

Import-Module $manifest.FullName -ErrorAction Stop
