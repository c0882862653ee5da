BeforeAll {
    . "$PSScriptRoot/Start-SshServer.ps1"
}

Describe 'The SSH server that tests use' -Tag Slow {
    It 'runs this PowerShell at the other end, at each of its addresses' {
        $reason = Get-SshSkipReason
        if ($reason) { Set-ItResult -Skipped -Because $reason }
        $server = Start-SshServer 127.0.0.1, 127.0.0.2
        try {
            $options = $server.Options
            $sessions = New-PSSession -HostName $server.HostNames -Port $server.Port -UserName $server.UserName -KeyFilePath $server.KeyFilePath -Options $options
            $found = Invoke-Command $sessions { "$PID $($PSVersionTable.PSVersion)" }
            $sessions | Remove-PSSession
            $found | Select-Object -Unique | Should -HaveCount 2
            $found | Should -BeLike "* $($PSVersionTable.PSVersion)"
            $found | Should -Not -BeLike "$PID *"
        }
        finally {
            $server.Dispose()
        }
    }
}
