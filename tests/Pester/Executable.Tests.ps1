BeforeAll {
    . "$PSScriptRoot/Import-StagedModule.ps1"
}

Describe 'An executable' {
    BeforeAll {
        $d = New-Dispatcher d -MaxWorkers 2 -StopGrace 0.3 -TaskTimeout 60
        Start-Dispatcher d
        $powershell = Get-PowerShellCommand
    }

    AfterAll {
        Remove-Dispatcher d -Force
    }

    It 'gets its arguments as they are' -Skip:($IsWindows -or $PSVersionTable.PSVersion.Major -lt 6) {
        # Windows PowerShell would read the letters themselves as something else.
        $foreign = '{0} {1}' -f [char] 0xFC, [char] 0x6F22
        Send-DispatchTask -FilePath printf -ArgumentList '[%s]', 'two words', '', '"quoted"', '$HOME', $foreign | Receive-DispatchTask -Wait |
            Should -Be ('[two words][]["quoted"][$HOME][' + $foreign + ']')
    }

    It 'runs for each item with the arguments that a block makes' -Skip:($IsWindows -or $PSVersionTable.PSVersion.Major -lt 6) {
        'a', 'b' | ForEach-Object { New-Item -Path (Join-Path $TestDrive $_) -ItemType File }
        Get-ChildItem $TestDrive | Sort-Object Name | Send-DispatchTask -FilePath basename -ArgumentList { $_.FullName } | Receive-DispatchTask -Wait -Ordered |
            Should -Be 'a', 'b'
    }

    It 'writes lines, and its standard error is a log of its own' {
        $t = Send-DispatchTask -FilePath $powershell.Program -ArgumentList ($powershell.Arguments + '-NoProfile', '-Command', "'line 1'; 'line 2'; [Console]::Error.WriteLine('log'); exit 3") | Wait-DispatchTask
        $t.Output | Should -Be 'line 1', 'line 2'
        $t.StandardError | Should -Be 'log'
        $t.ExitCode | Should -Be 3
        $t.State | Should -Be 'Failed'
        { $t | Receive-DispatchTask -ErrorAction Stop } | Should -Throw '*exit code 3*log*' -ErrorId 'UnexpectedExitCode*'
    }

    It 'may end with the codes that are given' {
        (Send-DispatchTask -FilePath $powershell.Program -ArgumentList ($powershell.Arguments + '-NoProfile', '-Command', 'exit 3') -SuccessExitCode 0, 3 | Wait-DispatchTask).State | Should -Be 'Completed'
    }

    It 'has the environment and the folder that are given' {
        $out = Send-DispatchTask -FilePath $powershell.Program -ArgumentList ($powershell.Arguments + '-NoProfile', '-Command', '$env:DISPATCHER_PESTER; (Get-Location).ProviderPath') -Environment @{ DISPATCHER_PESTER = 'set' } -WorkingDirectory $TestDrive |
            Receive-DispatchTask -Wait
        $out | Should -Be 'set', (Get-Item $TestDrive).FullName
    }

    It 'is looked for at once' {
        { Send-DispatchTask -FilePath no-such-program -ErrorAction Stop } | Should -Throw "*'no-such-program'*" -ErrorId 'ExecutableNotFound,*'
    }
}
