# The SSH server of the .NET tests, for Pester tests, with the PowerShell that runs this as its subsystem.
. "$PSScriptRoot/Get-PowerShellCommand.ps1"

# Why there can be no SSH server here; nothing if there can be one.
function Get-SshSkipReason {
    if (-not $IsLinux) { return 'Needs Linux.' }
    if (-not ('Dispatching.PowerShell.Tests.SshServer' -as [type])) {
        $support = Join-Path $PSScriptRoot '../Dispatcher.PowerShell.Tests/Support'
        $names = 'Limits', 'Ssh/CutProxy', 'Ssh/LinkNamespace', 'Ssh/SshServer', 'Ssh/SshSupport', 'Ssh/SystemProgram', 'Ssh/UnixProcess'
        Add-Type -Path ($names | ForEach-Object { Join-Path $support "$_.cs" }) -CompilerOptions '-nullable:enable'
    }

    [Dispatching.PowerShell.Tests.SshSupport]::Skip
}

# Starts one at some addresses. The caller disposes it.
function Start-SshServer([string[]] $Address = '127.0.0.1') {
    $reason = Get-SshSkipReason
    if ($reason) { throw $reason }
    $command = Get-PowerShellCommand
    [Dispatching.PowerShell.Tests.SshServer]::new([string[]] @($command.Program; $command.Arguments), $Address, $null)
}
