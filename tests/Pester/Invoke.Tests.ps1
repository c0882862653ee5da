BeforeAll {
    . "$PSScriptRoot/Import-StagedModule.ps1"
}

Describe 'Invoke-DispatchTask' {
    AfterEach {
        Get-Dispatcher | Remove-Dispatcher -Force
    }

    It 'runs the block for each item' {
        1..5 | Invoke-DispatchTask { $_ * 10 } -MaxWorkers 2 | Sort-Object | Should -Be 10, 20, 30, 40, 50
        1..5 | Invoke-DispatchTask { $_ * 10 } -ThrottleLimit 2 -Ordered | Should -Be 10, 20, 30, 40, 50
    }

    It 'ends at once when Select-Object has enough, though a task is stuck' {
        $begun = [Threading.ManualResetEventSlim]::new()
        $release = [Threading.ManualResetEventSlim]::new()
        try {
            $first = 1..5000 | Invoke-DispatchTask {
                if ($_ -eq 1) { ($using:begun).Set(); while (-not ($using:release).Wait(60000)) { } }
                else { $null = ($using:begun).Wait(60000); $_ }
            } -MaxWorkers 2 | Select-Object -First 1
            $release.IsSet | Should -BeFalse
            $first | Should -BeGreaterThan 1
        }
        finally {
            $release.Set()
        }
    }

    It 'stops its upstream with Select-Object' {
        $upstream = @{ Count = 0 }
        1..100000 | ForEach-Object { $upstream.Count++; $_ } | Invoke-DispatchTask { $_ } -MaxWorkers 2 | Select-Object -First 1 | Should -HaveCount 1
        $upstream.Count | Should -BeLessThan 100000
    }

    It 'writes every stream live and in order' {
        $VerbosePreference = $DebugPreference = 'Continue'
        $all = Invoke-DispatchTask {
            $VerbosePreference = $DebugPreference = 'Continue'
            'out 1'; Write-Warning 'warning'; Write-Error 'error'; Write-Verbose 'verbose'; Write-Debug 'debug'; Write-Information 'information'; Write-Host 'host'; 'out 2'
        } *>&1
        $all | ForEach-Object { "$_" } | Should -Be 'out 1', 'warning', 'error', 'verbose', 'debug', 'information', 'host', 'out 2'
    }

    It 'fills the variables of the common parameters' {
        $out = 1..3 | Invoke-DispatchTask { Write-Warning "w$_"; Write-Error "e$_"; $_ } -Ordered -ErrorAction SilentlyContinue -WarningAction SilentlyContinue -ErrorVariable e -WarningVariable w -OutVariable o -PipelineVariable p |
            ForEach-Object { "$_=$p" }
        $out | Should -Be '1=1', '2=2', '3=3'
        $o | Should -Be 1, 2, 3
        "$($w.Message)" | Should -Be 'w1 w2 w3'
        $e.DispatchTask.InputObject | Should -Be 1, 2, 3
    }

    It 'stops at the first error with -ErrorAction Stop, and the catch knows the task' {
        $caught = try { 1..3 | Invoke-DispatchTask { Write-Error "bad $_" } -ErrorAction Stop -Name mine -MaxWorkers 1; 'not reached' } catch { $_ }
        "$caught" | Should -BeLike 'bad *'
        $caught.Exception.Data['DispatchTaskId'] | Should -BeOfType ([long])
        $caught.Exception.Data['DispatchTaskName'] | Should -Be 'mine'
        $caught.Exception.Data['DispatchTask'].InputObject | Should -Be 1
    }

    It 'goes on after a task that throws' {
        1..3 | Invoke-DispatchTask { if ($_ -eq 2) { throw 'bad' }; $_ } -Ordered -ErrorAction SilentlyContinue -ErrorVariable e | Should -Be 1, 3
        $e | Should -HaveCount 1
    }

    It 'names the line of the script that failed' {
        $script = Join-Path $TestDrive 'work.ps1'
        Set-Content $script "# one`nInvoke-DispatchTask {`n  `$PSScriptRoot; throw 'line three'`n}"
        & $script -ErrorVariable ignored 2>&1 | Tee-Object -Variable all | Out-Null
        $all[0] | Should -Be $TestDrive.ToString()
        $all[1].InvocationInfo.ScriptName | Should -Be $script
        $all[1].InvocationInfo.ScriptLineNumber | Should -Be 3
    }

    It 'has the time limit that is given' {
        { Invoke-DispatchTask { while ($true) { } } -Timeout 0.3 -ErrorAction Stop } | Should -Throw -ErrorId 'TaskTimedOut*'
    }

    It 'names the task of each value, also of those that the engine boxes once' {
        1..4 | Invoke-DispatchTask { $_ % 2 -eq 0 } -WithTask -Ordered | ForEach-Object { "$($_.DispatchTask.InputObject)=$_" } | Should -Be '1=False', '2=True', '3=False', '4=True'
    }

    It 'tags its output with -WithTask only' {
        (Get-Item $TestDrive | Invoke-DispatchTask { $_.Name } -WithTask).DispatchTask.InputObject.FullName | Should -Be (Get-Item $TestDrive).FullName
        (Invoke-DispatchTask { 'text' }).PSObject.Properties.Name | Should -Not -Contain 'DispatchTask'
    }

    It 'runs executables' {
        $powershell = Get-PowerShellCommand
        'a', 'b' | Invoke-DispatchTask -FilePath $powershell.Program -ArgumentList { $powershell.Arguments + '-NoProfile', '-Command', "'<$_>'" } -Ordered | Should -Be '<a>', '<b>'
    }

    It 'imports modules by name, by path and by object' {
        $folder = New-Item -ItemType Directory (Join-Path $TestDrive 'modules/InvokeTestModule')
        $path = Join-Path $folder 'InvokeTestModule.psm1'
        Set-Content $path "function Get-InvokeTest { 'from module' }"
        $before = $env:PSModulePath
        $env:PSModulePath = (Split-Path $folder) + [IO.Path]::PathSeparator + $before
        try {
            Invoke-DispatchTask { Get-InvokeTest; [bool](Get-Module InvokeTestModule) } -Module InvokeTestModule | Should -Be 'from module', $true
        }
        finally {
            $env:PSModulePath = $before
        }

        Invoke-DispatchTask { Get-InvokeTest } -Module $path | Should -Be 'from module'
        $module = Import-Module $path -PassThru
        Invoke-DispatchTask { Get-InvokeTest } -Module $module | Should -Be 'from module'
        Remove-Module InvokeTestModule
    }

    It 'names a module that cannot be imported' {
        { 1..3 | Invoke-DispatchTask { 1 } -Module NoSuchModuleAnywhere } | Should -Throw '*NoSuchModuleAnywhere*' -ErrorId 'Modules_ModuleNotFound*'
    }

    It 'does not let a task change where and how the next one runs' {
        Push-Location $TestDrive
        try {
            1..3 | Invoke-DispatchTask {
                "$($PWD.ProviderPath) $ErrorActionPreference $($Error.Count)"
                Set-Location Env:
                $ErrorActionPreference = 'Stop'
                Get-Item NoSuchVariable -ErrorAction SilentlyContinue
            } -MaxWorkers 1 -Ordered | Should -Be (@("$((Get-Location).ProviderPath) Continue 0") * 3)
        }
        finally {
            Pop-Location
        }
    }

    It 'leaves no dispatcher and no runspace behind' {
        $before = @(Get-Runspace).Count
        1..10 | Invoke-DispatchTask { } -MaxWorkers 3
        Get-Dispatcher | Should -BeNullOrEmpty
        @(Get-Runspace).Count | Should -Be $before
    }

    It 'does what ForEach-Object -Parallel does' -Skip:($PSVersionTable.PSVersion.Major -lt 7) {
        $n = 2
        $h = @{ Key = 'k' }
        $body = '{ $_ * $using:n; $using:h.Key; $null -eq $h; $ErrorActionPreference }'
        $theirs = & ([scriptblock]::Create("1, 2 | ForEach-Object -Parallel $body -ThrottleLimit 1"))
        $ours = & ([scriptblock]::Create("1, 2 | Invoke-DispatchTask $body -ThrottleLimit 1"))
        $ours | Should -Be $theirs
        $theirs.Count | Should -Be 8
    }
}
