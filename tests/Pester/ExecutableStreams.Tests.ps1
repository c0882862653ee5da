BeforeAll {
    . "$PSScriptRoot/Import-StagedModule.ps1"
}

Describe 'The streams of an executable' -Tag Slow {
    BeforeAll {
        $d = New-Dispatcher d -MaxWorkers 2 -StopGrace 0.3 -TaskTimeout 60
        Start-Dispatcher d
        $powershell = Get-PowerShellCommand
        $copy = $powershell.Arguments + '-NoProfile', '-Command', '[Console]::OpenStandardInput().CopyTo([Console]::OpenStandardOutput())'
    }

    AfterAll {
        Remove-Dispatcher d -Force
    }

    It 'has the text, the lines, the bytes or the file as its input' {
        $file = New-Item -Path (Join-Path $TestDrive 'in.txt') -ItemType File -Value 'from a file'
        Send-DispatchTask -FilePath $powershell.Program -ArgumentList $copy -StandardInput 'a b' -Raw | Receive-DispatchTask -Wait | Should -Be 'a b'
        Send-DispatchTask -FilePath $powershell.Program -ArgumentList $copy -StandardInput 'a', 'b' | Receive-DispatchTask -Wait | Should -Be 'a', 'b'
        Send-DispatchTask -FilePath $powershell.Program -ArgumentList $copy -StandardInput ([byte[]] (1, 255)) -AsByteStream | Receive-DispatchTask -Wait | ForEach-Object { $_ } | Should -Be 1, 255
        Send-DispatchTask -FilePath $powershell.Program -ArgumentList $copy -StandardInput $file | Receive-DispatchTask -Wait | Should -Be 'from a file'
    }

    It 'has for each item what a block makes, and writes to files' {
        $t = 'a', 'b' | Send-DispatchTask -FilePath $powershell.Program -ArgumentList $copy -StandardInput { "text of $_" } -OutputFile { Join-Path $TestDrive "made/$_.txt" } | Wait-DispatchTask
        $t.State | Should -Be 'Completed', 'Completed'
        Get-Content (Join-Path $TestDrive 'made/a.txt') -Raw | Should -Be 'text of a'
        Get-Content (Join-Path $TestDrive 'made/b.txt') -Raw | Should -Be 'text of b'
    }

    It 'adds to a file with -Append' {
        $file = Join-Path $TestDrive 'added.txt'
        foreach ($text in 'one', 'two') {
            $null = Send-DispatchTask -FilePath $powershell.Program -ArgumentList $copy -StandardInput $text -OutputFile $file -Append | Wait-DispatchTask
        }
        Get-Content $file -Raw | Should -Be 'onetwo'
    }

    It 'has the encoding of -Encoding, <_>' -ForEach 'utf8', 'unicode', 'latin1' {
        Send-DispatchTask -FilePath $powershell.Program -ArgumentList $copy -StandardInput "gr$([char] 0xFC)n" -Encoding $_ | Receive-DispatchTask -Wait | Should -Be "gr$([char] 0xFC)n"
    }

    It 'writes standard error as errors with -ErrorStream' {
        $null = Send-DispatchTask -FilePath $powershell.Program -ArgumentList ($powershell.Arguments + '-NoProfile', '-Command', "[Console]::Error.WriteLine('log')") -ErrorStream |
            Receive-DispatchTask -Wait -ErrorVariable problems -ErrorAction SilentlyContinue
        $problems | Should -HaveCount 1
        $problems[0].ToString() | Should -Be 'log'
        $problems[0].FullyQualifiedErrorId | Should -BeLike 'StandardErrorLine*'
    }

    It 'takes one form of output only' {
        { Send-DispatchTask -FilePath $powershell.Program -Raw -AsByteStream } | Should -Throw -ErrorId 'ConflictingOutput,*'
    }
}
