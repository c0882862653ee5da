BeforeAll {
    . "$PSScriptRoot/Import-StagedModule.ps1"
}

Describe 'A script-block task' {
    BeforeAll {
        $d = New-Dispatcher d -MaxWorkers 4 -StopGrace 0.2
        Start-Dispatcher d
    }

    AfterAll {
        Remove-Dispatcher d -Force
    }

    It 'gets its item, its arguments and the values of $using' {
        $factor = 10
        1..3 | Send-DispatchTask { param($add) $_ * $using:factor + $add } -ArgumentList 1 | Receive-DispatchTask -Wait -Ordered |
            Should -Be 11, 21, 31
    }

    It 'gets members and elements with $using, in nested blocks and functions too' {
        $h = @{ Key = 'value'; List = 1, 2, 3 }
        Send-DispatchTask { $using:h.Key; $using:h['Key']; & { function f { $using:h.List[1] }; f } } | Receive-DispatchTask -Wait |
            Should -Be 'value', 'value', 2
    }

    It 'is not sent when a $using variable is not defined' {
        { Send-DispatchTask { $using:notDefined } -ErrorAction Stop } | Should -Throw '*notDefined*'
    }

    It 'sees nothing else of its caller' {
        $mine = 1
        Send-DispatchTask { $null -eq $mine } | Receive-DispatchTask -Wait | Should -BeTrue
    }

    It 'starts where its caller is' {
        Push-Location $TestDrive
        try {
            Send-DispatchTask { (Get-Location).ProviderPath; Set-Location / } | Receive-DispatchTask -Wait | Should -Be (Get-Location).ProviderPath
            Send-DispatchTask { $PWD.ProviderPath } | Receive-DispatchTask -Wait | Should -Be (Get-Location).ProviderPath
        }
        finally {
            Pop-Location
        }
    }

    It 'has modules at hand' {
        Send-DispatchTask { 3, 1, 2 | Sort-Object | Select-Object -First 2 | ConvertTo-Json -Compress } | Receive-DispatchTask -Wait | Should -Be '[1,2]'
    }

    It 'goes on after an error as at a prompt, and ends at a throw' {
        $t = Send-DispatchTask { 1 / 0; 'after' } | Wait-DispatchTask
        $t.State | Should -Be 'Completed'
        $t.HadErrors | Should -BeTrue
        $t | Receive-DispatchTask -ErrorAction SilentlyContinue | Should -Be 'after'
        $t = Send-DispatchTask { 1; throw 'x'; 2 } | Wait-DispatchTask
        $t.State | Should -Be 'Failed'
        $t | Receive-DispatchTask -ErrorAction SilentlyContinue | Should -Be 1
    }

    It 'ends alone at <Body>, <State>' -TestCases @(
        @{ Body = 'break'; State = 'Completed'; Code = $null }
        @{ Body = 'continue'; State = 'Completed'; Code = $null }
        @{ Body = 'return'; State = 'Completed'; Code = $null }
        @{ Body = 'exit'; State = 'Completed'; Code = 0 }
        @{ Body = 'exit 3'; State = 'Failed'; Code = 3 }
    ) {
        $t = Send-DispatchTask ([scriptblock]::Create($Body)) | Wait-DispatchTask
        $t.State | Should -Be $State
        $t.ExitCode | Should -Be $Code
        Send-DispatchTask { 'on' } | Receive-DispatchTask -Wait | Should -Be 'on'
    }

    It 'runs once for $null, never for nothing, and once for an array given by name' {
        @($null | Send-DispatchTask { 1 }).Count | Should -Be 1
        @(@() | Send-DispatchTask { 1 }).Count | Should -Be 0
        @(Send-DispatchTask { $_.Count } -InputObject 1, 2, 3).Count | Should -Be 1
    }

    It 'can be a function' {
        function Get-Greeting($Name) { "hello $Name" }
        Send-DispatchTask ${function:Get-Greeting} -ArgumentList you | Receive-DispatchTask -Wait | Should -Be 'hello you'
    }

    It 'can hold ForEach-Object -Parallel' -Skip:($PSVersionTable.PSVersion.Major -lt 7) {
        $block = [scriptblock]::Create('$x = 5; 1..3 | ForEach-Object -Parallel { $_ + $using:x } | Sort-Object')
        Send-DispatchTask $block | Receive-DispatchTask -Wait | Should -Be 6, 7, 8
    }

    It 'can send to its own dispatcher and wait, however few the workers' {
        $one = New-Dispatcher one -MaxWorkers 1 -QueueSize 1
        Start-Dispatcher one
        try {
            Send-DispatchTask { 1..5 | Send-DispatchTask { $_ } | Receive-DispatchTask -Wait | Measure-Object -Sum | Select-Object -ExpandProperty Sum } -Dispatcher one |
                Receive-DispatchTask -Wait | Should -Be 15
        }
        finally {
            Remove-Dispatcher one -Force
        }
    }

    It 'can be sent from the runspaces of ForEach-Object -Parallel' -Skip:($PSVersionTable.PSVersion.Major -lt 7) {
        $path = (Get-Module Dispatcher).Path
        $block = [scriptblock]::Create('Import-Module $using:path; $n = $_; Send-DispatchTask { $_ } -InputObject $n -Dispatcher $using:d | Receive-DispatchTask -Wait')
        $parallel = @{ Parallel = $block }
        1..4 | ForEach-Object @parallel | Sort-Object | Should -Be 1, 2, 3, 4
    }

    It 'is shown as a table' {
        $text = Send-DispatchTask { } -InputObject 'the item' -Name shown | Wait-DispatchTask | Out-String
        $text | Should -Match 'Id\s+Name\s+State\s+Duration\s+Result\s+Input'
        $text | Should -Match 'shown\s+Completed\s+[<\d.,]+ m?s\s+the item'
    }
}
