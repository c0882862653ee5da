# Two builds of the same cmdlets run on all systems: .NET 8 and later has what ends processes and signals best. Beside them lie
# images of the first, compiled ahead of time for one system each, for .NET 10 and the engine of PowerShell 7.6.
$portable = if ($PSVersionTable.PSVersion -ge [version]'7.4') { 'net8.0' } else { 'netstandard2.0' }
$build = $portable
if ($PSVersionTable.PSVersion -ge [version]'7.6' -and [Environment]::Version.Major -ge 10) {
    # Whatever is wrong with the image, or forbidden here, the portable build does. The core first: a broken image of it is
    # noticed while the cmdlets can still be those of the portable build.
    try {
        $system = if ($IsWindows) { 'win' } elseif ($IsMacOS) { 'osx' } else { 'linux' }
        $system = "$system-$([Runtime.InteropServices.RuntimeInformation]::ProcessArchitecture)".ToLowerInvariant()
        if ([IO.File]::Exists("$PSScriptRoot/bin/$system/Dispatcher.Core.dll")) {
            $null = [Reflection.Assembly]::LoadFrom("$PSScriptRoot/bin/$system/Dispatcher.Core.dll")
            Import-Module -Name "$PSScriptRoot/bin/$system/Dispatcher.PowerShell.dll" -ErrorAction Stop
            $build = $system
        }
    }
    catch {
        $build = $portable
    }
}

if ($build -eq $portable) {
    Import-Module -Name "$PSScriptRoot/bin/$build/Dispatcher.PowerShell.dll"
}

if ($ExecutionContext.SessionState.Module.PrivateData) {
    $ExecutionContext.SessionState.Module.PrivateData['Build'] = $build
}

# What the views show calls into it, so it comes second.
Import-Module -Name "$PSScriptRoot/Dispatcher.Types.psd1"
