BeforeDiscovery {
    # Worker processes need PowerShell 7.4, what ends them here, a Unix.
    $isOld = $PSVersionTable.PSVersion -lt '7.4'
    $isSkipped = $isOld -or $IsWindows
    $stuck = @(
        @{ What = 'a busy loop'; Body = 'while ($true) { }' }
        @{ What = 'a finally that sleeps'; Body = 'try { while ($true) { } } finally { [Threading.Thread]::Sleep(100000) }' }
        @{ What = 'a catch in a loop'; Body = 'while ($true) { try { while ($true) { } } catch { } }' }
        @{ What = 'a trap'; Body = 'trap { continue } while ($true) { try { throw 1 } catch { } finally { } }' }
        @{ What = 'Thread.Sleep'; Body = '[Threading.Thread]::Sleep(100000)'; IsKilled = $true }
        @{ What = 'Thread.Sleep without end'; Body = '[Threading.Thread]::Sleep([Threading.Timeout]::Infinite)'; IsKilled = $true }
        @{ What = 'Task.Wait'; Body = '[Threading.Tasks.Task]::Delay(100000).Wait()'; IsKilled = $true }
        @{ What = 'Task.Result'; Body = '[Threading.Tasks.TaskCompletionSource[object]]::new().Task.Result'; IsKilled = $true }
        @{ What = 'WaitOne'; Body = '[Threading.ManualResetEvent]::new($false).WaitOne()'; IsKilled = $true }
        @{ What = 'a regular expression'; Body = '[regex]::new("^(a+)+$").IsMatch("a" * 60 + "!")'; IsKilled = $true }
        @{ What = 'a nested -Parallel'; Body = '1 | ForEach-Object -Parallel { [Threading.Thread]::Sleep(600000) }'; IsKilled = $true }
        @{ What = 'a pipeline'; Body = '1..3 | ForEach-Object { while ($true) { } }' }
        @{ What = 'a process block'; Body = '& { process { while ($true) { } } }' }
        @{ What = 'a loop that catches interrupts'; Body = 'while ($true) { try { [Threading.Thread]::Sleep(100000) } catch { } }'; IsKilled = $true }
        @{ What = 'a socket'; Body = '$l = [Net.Sockets.TcpListener]::new("127.0.0.1", 0); $l.Start(); $c = [Net.Sockets.TcpClient]::new(); $c.Connect($l.LocalEndpoint); $c.Client.Receive([byte[]]::new(10))'; IsKilled = $true }
        @{ What = 'a stopped process'; Body = '& kill -STOP $PID; while ($true) { }'; IsKilled = $true }
        @{ What = 'a program'; Body = '& sh -c "sleep 3000.$NONCE & setsid sleep 3000.$NONCE & trap '''' TERM; wait"' }
        @{ What = 'a program without a shell'; Body = '[Diagnostics.Process]::Start("sleep", "3000.$NONCE").WaitForExit()'; IsKilled = $true }
        @{ What = 'a job'; Body = 'Start-Job { Start-Sleep -Seconds 1000 } | Wait-Job' }
        @{ What = 'Wait-Event'; Body = 'Wait-Event' }
    )
    $ends = @(
        @{ What = 'Exit'; Body = '[Environment]::Exit(7)'; How = '*ended with exit code 7*' }
        @{ What = 'Exit(0)'; Body = '[Environment]::Exit(0)'; How = '*ended with exit code 0*' }
        @{ What = 'FailFast'; Body = '[Environment]::FailFast("x")'; How = '*SIGABRT*' }
        @{ What = 'a stack overflow'; Body = 'Add-Type "public class TooDeep { public static int F(int x) { return F(x + 1) + 1; } }"; [TooDeep]::F(1)'; How = '*SIGABRT*' }
        @{ What = 'an unhandled exception'; Body = 'Add-Type "public class Thrower { public static void F() { new System.Threading.Thread(() => { throw new System.Exception(); }).Start(); } }"; [Thrower]::F(); [Threading.Thread]::Sleep(-1)'; How = '*SIGABRT*' }
        @{ What = 'a kill'; Body = '& kill -KILL $PID; [Threading.Thread]::Sleep(-1)'; How = '*SIGKILL*' }
        @{ What = 'SIGTERM'; Body = '& kill -TERM $PID; [Threading.Thread]::Sleep(-1)'; How = '*SIGTERM*' }
        @{ What = 'Process.Kill'; Body = '[Diagnostics.Process]::GetCurrentProcess().Kill(); [Threading.Thread]::Sleep(-1)'; How = '*SIGKILL*' }
    )
    $same = @(
        @{ What = 'exit'; Body = '1; exit 5; 2' }
        @{ What = 'break'; Body = '1; break; 2' }
        @{ What = 'continue'; Body = '1; continue; 2' }
        @{ What = 'throw'; Body = '1; throw "no"; 2' }
        @{ What = 'an error that goes on'; Body = '(1/0); "after"; Get-Item nosuchfile; "end"' }
        @{ What = 'all streams'; Body = '1; Write-Warning w; 2; Write-Verbose v -Verbose; Write-Error e; Write-Information i; 3; Write-Host h; $DebugPreference = "Continue"; Write-Debug d; 4' }
        @{ What = '$null and empty lists'; Body = '$null; , @(); @(); ""; 0' }
        @{ What = 'nested lists'; Body = ', @(1, @(2, @(3, @())))' }
        @{ What = 'texts of any characters'; Body = '"a$([char] 0xD800)b"; "$([char] 0)"; "$([char] 0xFFFE)_x0041_`r`n"' }
        @{ What = 'what looks like a marker'; Body = '"0123456789abcdef0123456789abcdefA1"; "!1"; ".1:Completed"' }
        @{ What = 'the item in all blocks'; Body = 'begin { "b" } process { "p $_" } end { "e $_" }' }
        @{ What = 'a native program'; Body = '& sh -c "echo out; cat"; & sh -c "echo err >&2; exit 3"; $LASTEXITCODE' }
        @{ What = 'the culture'; Body = '1.5.ToString(); [cultureinfo]::CurrentCulture.Name; "I".ToLower()' }
        @{ What = 'the location'; Body = '"$PWD"; $PSScriptRoot; $PSCommandPath' }
        @{ What = 'a prompt'; Body = 'Read-Host q' }
    )
}

BeforeAll {
    . "$PSScriptRoot/Import-StagedModule.ps1"

    function Assert-Gone([int[]] $Id) {
        foreach ($one in $Id) {
            $process = Get-Process -Id $one -ErrorAction SilentlyContinue
            if ($process) {
                $process.WaitForExit(20000) | Should -BeTrue -Because "process $one is to end"
            }
        }
    }
}

Describe 'A task in a process' -Tag Slow -Skip:$isSkipped -ForEach @{ Stuck = $stuck } {
    BeforeAll {
        $nonce = Get-Random -Minimum 100000000
        $d = New-Dispatcher d -Isolation Process -MaxWorkers 3 -StopGrace 0.3 -TaskTimeout 60
        Start-Dispatcher d
        $tasks = @{}
        foreach ($one in $Stuck) {
            $block = [scriptblock]::Create("`$PID; $($one.Body.Replace('$NONCE', $nonce)); 'not reached'")
            $tasks[$one.What] = 'the item' | Send-DispatchTask $block -Timeout 1 -Name stuck
        }

        $null = $tasks.Values | Wait-DispatchTask
    }

    AfterAll {
        Get-Dispatcher | Remove-Dispatcher -Force
        Assert-Gone @($tasks.Values.ForEach({ $_.Output[0] }))
    }

    It 'is ended, stuck in <What>' -TestCases $stuck {
        $t = $tasks[$What]
        $t.State | Should -Be 'TimedOut'
        $t.Exception | Should -BeOfType ([TimeoutException])
        $t.Exception.Message | Should -BeLike "*$($t.Id) 'stuck'*1 s*'the item'*"
        $t.Output | Should -HaveCount 1
        if ($IsKilled) { Assert-Gone $t.Output[0] }
    }

    It 'leaves no program' {
        $left = Get-Process -Name sleep -ErrorAction SilentlyContinue | Where-Object CommandLine -Match "3000\.$nonce"
        Assert-Gone @($left | ForEach-Object Id)
    }

    It 'fails by <What>, and says so' -TestCases $ends {
        $t = Send-DispatchTask ([scriptblock]::Create("'begun'; $Body")) | Wait-DispatchTask
        $t.State | Should -Be 'Failed'
        $t.Exception | Should -BeOfType ([Dispatching.PowerShell.WorkerProcessException])
        $t.Exception.Message | Should -BeLike $How
        $t.Output | Should -Be 'begun'
        $t.Attempt | Should -Be 1
    }

    It 'is the same as in a thread: <What>' -TestCases $same {
        if (-not (Get-Dispatcher threads -ErrorAction SilentlyContinue)) { New-Dispatcher threads -MaxWorkers 1 | Start-Dispatcher }
        $culture = [cultureinfo]::CurrentCulture
        try {
            [cultureinfo]::CurrentCulture = 'tr-TR'
            $block = [scriptblock]::Create($Body)
            $both = foreach ($one in 'threads', 'd') { Send-DispatchTask $block -InputObject item -Dispatcher $one -Timeout 60 | Wait-DispatchTask }
        }
        finally {
            [cultureinfo]::CurrentCulture = $culture
        }

        $texts = foreach ($t in $both) {
            $t.State, $t.ExitCode, $t.HadErrors -join ' '
            $t | Receive-DispatchTask -ErrorAction Continue *>&1 | ForEach-Object {
                if ($null -eq $_) { '<null>' }
                elseif ($_ -is [Management.Automation.ErrorRecord]) { "error $_ $($_.FullyQualifiedErrorId -replace ',.*') $($_.CategoryInfo.Category) $($_.InvocationInfo.ScriptLineNumber):$($_.InvocationInfo.OffsetInLine)" -replace "Task(Id)? ?'?\d+'?" }
                elseif ($_ -is [Collections.IList]) { ConvertTo-Json $_ -Compress -Depth 9 }
                else { "$($_.GetType().Name) " + (-join ([int[]] [char[]] "$_" | ForEach-Object { "$_ " })) }
            }
            '---'
        }
        $half = $texts.Count / 2
        $texts[$half..$texts.Count] | Should -Be $texts[0..($half - 1)]
        $half | Should -BeGreaterThan 1
    }
}

Describe 'Worker processes' -Tag Slow -Skip:$isSkipped {
    AfterEach {
        Get-Dispatcher | Remove-Dispatcher -Force
    }

    It 'are killed at random while 500 tasks run, and the books are exact' {
        $d = New-Dispatcher k -Isolation Process -MaxWorkers 2 -TaskTimeout 60 -MinWorkers 2
        Start-Dispatcher k
        $folder = (New-Item -ItemType Directory -Path (Join-Path $TestDrive kills)).FullName
        $tasks = 1..500 | Send-DispatchTask { [IO.File]::AppendAllText("$using:folder/$_", "$PID`n"); foreach ($x in 1..20000) { }; $_ } -Retry 20 -RetryOn WorkerProcessException
        $kills = 0
        for ($i = Get-Random -Maximum 40; $i -lt 480; $i += Get-Random -Minimum 40 -Maximum 100) {
            # At a moment between two tasks, or in one: whichever has just ended.
            $null = $tasks[$i] | Wait-DispatchTask
            $workers = @(Get-Content /proc/$PID/task/*/children -ErrorAction SilentlyContinue | ForEach-Object { -split $_ })
            if ($workers) {
                & kill -KILL (Get-Random -InputObject $workers) 2>$null
                $kills++
            }
        }

        $null = $tasks | Wait-DispatchTask
        $kills | Should -BeGreaterThan 3
        $d.Statistics.Sent | Should -Be 500
        $tasks.Where({ $_.State -ne 'Completed' }) | ForEach-Object { "$($_.Exception)" } | Should -BeNullOrEmpty
        $d.Statistics.Completed | Should -Be 500
        ($tasks | Measure-Object Attempt -Sum).Sum | Should -BeLessOrEqual (500 + $kills)
        foreach ($t in $tasks) {
            $t.State | Should -Be 'Completed'
            $t.Output | Should -Be $t.InputObject
            @(Get-Content "$folder/$($t.InputObject)").Count | Should -BeIn (1..$t.Attempt)
        }
    }

    It 'are renewed after -MaxTasksPerWorker' {
        $d = New-Dispatcher r -Isolation Process -MaxWorkers 1 -MaxTasksPerWorker 2
        Start-Dispatcher r
        $ids = @(1..4 | Send-DispatchTask { $PID } -Timeout 60 | Receive-DispatchTask -Wait)
        $ids[0], $ids[2] | Should -Be $ids[1], $ids[3]
        $ids[2] | Should -Not -Be $ids[0]
        $ids | Should -Not -Contain $PID
        Stop-Dispatcher r -Drain
        Assert-Gone $ids
    }

    It 'are gone when Select-Object has enough' {
        $id = 1..20 | Invoke-DispatchTask -Isolation Process -MaxWorkers 2 { $PID; if ($_ -gt 2) { & sleep 3000 } } | Select-Object -First 1
        Assert-Gone $id
    }

    It 'repeat a task whose process ended only with -Retry' {
        $file = Join-Path $TestDrive once
        Invoke-DispatchTask -Isolation Process { Add-Content $using:file x; [Environment]::Exit(3) } -ErrorAction SilentlyContinue -ErrorVariable failed
        $failed[0].FullyQualifiedErrorId | Should -BeLike 'WorkerProcessEnded*'
        Get-Content $file | Should -HaveCount 1
        Invoke-DispatchTask -Isolation Process { Add-Content $using:file x; if (@(Get-Content $using:file).Count -lt 3) { [Environment]::Exit(3) }; 'well' } -Retry 1 -WarningAction SilentlyContinue | Should -Be 'well'
        Get-Content $file | Should -HaveCount 3
    }

    It 'take rules for retries from the original error: <On>' -TestCases @{ On = 7; Body = 'exit 7' }, @{ On = 'IOException'; Body = 'throw [IO.FileNotFoundException]::new("n")' },
    @{ On = 'mi*'; Body = 'Write-Error m -ErrorId mine -ErrorAction Stop' }, @{ On = { "$_" -match 'again' }; Body = 'throw "again"' } {
        $file = Join-Path $TestDrive ([guid]::NewGuid())
        $block = [scriptblock]::Create("Add-Content '$file' x; if (@(Get-Content '$file').Count -lt 2) { $Body }; 'well'")
        Invoke-DispatchTask -Isolation Process $block -Retry 3 -RetryOn $On -WarningAction SilentlyContinue | Should -Be 'well'
        Get-Content $file | Should -HaveCount 2
    }

    It 'run dispatchers of their own' {
        Invoke-DispatchTask -Isolation Process { 1..3 | Invoke-DispatchTask { $_ * 2 } -Ordered } | Should -Be 2, 4, 6
        Invoke-DispatchTask -Isolation Process { Invoke-DispatchTask -Isolation Process { 'inner' } } | Should -Be 'inner'
    }

    It 'take and return what is large, in order' {
        $all = 1..20000 | Invoke-DispatchTask -Isolation Process -BatchSize 2000 -Ordered { $_ } -MaxWorkers 2
        $all | Should -HaveCount 20000
        $all[0, 19999] | Should -Be 1, 20000
        (, ('x' * 5MB) | Invoke-DispatchTask -Isolation Process { $_ * 2 }).Length | Should -Be 10MB
    }
}
