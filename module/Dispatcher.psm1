# Two builds of the same cmdlets: .NET 8 and later has what ends processes and signals best.
$framework = if ($PSVersionTable.PSVersion -ge [version]'7.4') { 'net8.0' } else { 'netstandard2.0' }
Import-Module -Name "$PSScriptRoot/bin/$framework/Dispatcher.PowerShell.dll"

# What the views show calls into it, so it comes second.
Import-Module -Name "$PSScriptRoot/Dispatcher.Types.psd1"
