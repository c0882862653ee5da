# What a script that is tested with Pester sees of its tasks: with -Serial, all of it.
Describe 'Invoke-DispatchTask -Serial' {
    BeforeAll {
        . "$PSScriptRoot/Import-StagedModule.ps1"
        $PSDefaultParameterValues = @{ 'Invoke-DispatchTask:Serial' = $true }
        function Get-Answer($Name) { "real $Name" }
    }

    It 'calls mocks' {
        Mock Get-Answer { "mock $Name" }
        'a', 'b' | Invoke-DispatchTask { Get-Answer $_ } | Should -Be 'mock a', 'mock b'
        Should -Invoke Get-Answer -Times 2 -Exactly
    }

    It 'has the variables of the test' {
        $seen = [Collections.Generic.List[int]]::new()
        1..3 | Invoke-DispatchTask { $seen.Add($_) }
        "$seen" | Should -Be '1 2 3'
    }

    It 'goes on after an error, as on a worker' {
        $out = Invoke-DispatchTask { 1 / 0; 'after' } -ErrorAction SilentlyContinue -ErrorVariable failed
        $out | Should -Be 'after'
        $failed.Count | Should -Be 1
    }

    It 'stops at breakpoints of the session' {
        $hits = @{ Count = 0 }
        $breakpoint = Set-PSBreakpoint -Command Get-Answer -Action { $hits.Count++ }.GetNewClosure()
        try {
            $null = 1..2 | Invoke-DispatchTask { Get-Answer $_ }
        }
        finally {
            Remove-PSBreakpoint $breakpoint
        }
        $hits.Count | Should -Be 2
    }
}
