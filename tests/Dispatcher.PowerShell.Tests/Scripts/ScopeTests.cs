using System;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Threading;
using Xunit;

namespace Dispatching.PowerShell.Tests;

/// <summary>What tasks find in their worker: parameters, variables, functions, modules, and what scripts have set up.</summary>
public sealed class ScopeTests : IDisposable
{
    // Is it a block of the worker that runs it, and not one that runs back in its home session?
    private const string WhereAmI = "{ [runspace]::DefaultRunspace.Id; $ExecutionContext.SessionState.PSVariable.GetValue('caller') }";
    private const string IsHere = " | & { begin { $n = 0 } process { if ($n++ -eq 0) { $_ -eq [runspace]::DefaultRunspace.Id } else { \"<$_>\" } } }";

    private readonly Session _session = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("dispatcher-scope-").FullName;

    public void Dispose()
    {
        _session.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("Invoke-DispatchTask { param($a, $b) \"$a-$b\" } -Parameter @{ b = 2; a = 1 }", "1-2")]
    [InlineData("Invoke-DispatchTask { param($a, $b, $c) \"$a-$b-$c\" } -ArgumentList 1, 2 -Parameter @{ c = 3 }", "1-2-3")]
    [InlineData("Invoke-DispatchTask { param($a, $b, $c) \"$a-$b-$c\" } -ArgumentList 1, 3 -Parameter @{ b = 2 }", "1-2-3")]
    [InlineData("'i' | Invoke-DispatchTask { param($a, [switch] $s) \"$_-$a-$s\" } -Parameter @{ A = 1; s = $true }", "i-1-True")]
    [InlineData("'i' | Invoke-DispatchTask { param($a) process { \"$_-$a\" } } -Parameter @{ a = 1 }", "i-1")]
    [InlineData("Invoke-DispatchTask { \"$($args.Count)-$($args[1])\" } -ArgumentList 1, (2, 3)", "2-2 3")]
    [InlineData("Invoke-DispatchTask { param($a) \"$($a.Count)\" } -Parameter @{ a = 1, 2, 3 }", "3")]
    [InlineData("Invoke-DispatchTask { param($a = 'default') $a } -Parameter @{ }", "default")]
    public void Parameters_are_bound_by_name_and_position(string script, string expected) => Assert.Equal(expected, Assert.Single(_session.Text(script)));

    [Fact]
    public void A_parameter_that_the_block_does_not_have_fails_the_task_and_says_so()
    {
        ErrorRecord error = _session.Fail("Invoke-DispatchTask { [CmdletBinding()] param($a) $a } -Parameter @{ nosuch = 1 }");
        Assert.Contains("nosuch", error.Exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-Variable one, two", "1,2")]
    [InlineData("-Variable '$one', two", "1,2")]
    [InlineData("-Variable script:one, global:two", "1,2")]
    [InlineData("-Variable variable:one, local:two", "1,2")]
    [InlineData("-Variable '$script:one', '$variable:two'", "1,2")]
    [InlineData("-Variable @{ 'script:one' = 1; '$two' = 2 }", "1,2")]
    [InlineData("-Variable @{ one = 1; two = 2 }", "1,2")]
    [InlineData("-Variable one, @{ two = 'two' }", "1,two")]
    public void Variables_are_brought_by_name_or_by_value(string parameter, string expected) =>
        Assert.Equal(expected, Assert.Single(_session.Text("$one = 1; $two = 2; Invoke-DispatchTask { \"$one,$two\" } " + parameter)));

    [Fact]
    public void A_local_variable_of_a_function_is_brought_too()
    {
        Assert.Equal(["local"], _session.Text("function f { $v = 'local'; Invoke-DispatchTask { $v } -Variable v }; f"));
    }

    [Fact]
    public void Variables_are_there_by_reference()
    {
        Assert.Equal(["5"], _session.Text("$h = [hashtable]::Synchronized(@{}); 1..5 | Invoke-DispatchTask { $h[$_] = 1 } -Variable h; $h.Count"));
    }

    [Theory]
    [InlineData("-Variable nosuch", "nosuch", "VariableNotFound")]
    [InlineData("-Variable script:nosuch", "nosuch", "VariableNotFound")]
    [InlineData("-Function nosuch", "nosuch", "CommandNotFoundException")]
    [InlineData("-Module ./nosuch.psm1", "nosuch.psm1", "Modules_ModuleNotFound")]
    [InlineData("-Module (New-Module -Name inMemory { })", "inMemory", "WorkerSettingsInvalid")]
    public void What_is_not_there_is_an_error_at_once(string parameter, string name, string errorId)
    {
        Invocation invocation = _session.Invoke("Invoke-DispatchTask { 'ran' } " + parameter);
        Assert.StartsWith(errorId + ",", invocation.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains(name, invocation.Error.Exception.Message, StringComparison.Ordinal);
        Assert.Empty(invocation.Output);
    }

    [Theory]
    [InlineData("-Function Get-One", "1")]
    [InlineData("-Function get-one, Add-Two", "1,5")]
    [InlineData("-Function *-One, A*-Two", "1,5")]
    [InlineData("-Function nosuch*", "")]
    public void Functions_are_brought_by_name(string parameter, string expected)
    {
        Assert.Equal(
            expected,
            string.Join(',', _session.Text(
                "function Get-One { 1 }; function Add-Two($n) { $n + 2 }; Invoke-DispatchTask { if (Get-Command Get-One -ErrorAction Ignore) { Get-One }; if (Get-Command Add-Two -ErrorAction Ignore) { Add-Two 3 } } " + parameter)));
    }

    [Fact]
    public void Advanced_functions_and_filters_are_brought_whole()
    {
        Assert.Equal(
            ["2", "4", "6", "11", "21", "yes"],
            _session.Text("""
                filter Double { $_ * 2 }
                filter Add($n) { $_ + $n }
                filter Times { param($n) $_ * $n }
                function Test-It { [CmdletBinding()] param([Parameter(Mandatory)][ValidateSet('yes')] [string] $Value) process { $Value } }
                Invoke-DispatchTask { 1..3 | Double; 10 | Add 1; 7 | Times 3; Test-It -Value yes } -Function Double, Add, Times, Test-It
                """));
    }

    [Fact]
    public void Modules_are_brought_by_path_and_by_object()
    {
        string path = WriteModule("Mine", "function Get-Mine { \"mine: $script:count\" }; $script:count = 7");
        Assert.Equal(["mine: 7"], _session.Text("Invoke-DispatchTask { Get-Mine } -Module $args[0]", path));
        Assert.Equal(["mine: 7"], _session.Text("Invoke-DispatchTask { Get-Mine } -Module (Import-Module $args[0] -PassThru)", path));
        Assert.Equal(["mine: 7"], _session.Text("$d = New-Dispatcher d -Module $args[0]; Start-Dispatcher d; Send-DispatchTask { Get-Mine } | Receive-DispatchTask -Wait", path));
    }

    [Fact]
    public void A_relative_path_is_from_the_caller_s_folder()
    {
        WriteModule("Near", "function Get-Near { 'near' }");
        _session.Run("$ExecutionContext.SessionState.Path.SetLocation($args[0])", _folder);
        Assert.Equal(["near"], _session.Text("Invoke-DispatchTask { Get-Near } -Module ./Near.psm1"));
    }

    [Fact]
    public void A_module_object_with_a_manifest_brings_what_the_manifest_says()
    {
        WriteModule("Root", "function Get-Root { 'root' }; function Get-Hidden { 'hidden' }");
        WriteModule("Nested", "function Get-Nested { 'nested' }");
        string manifest = Path.Combine(_folder, "Root.psd1");
        File.WriteAllText(manifest, "@{ RootModule = 'Root.psm1'; NestedModules = @('Nested.psm1'); ModuleVersion = '1.0'; FunctionsToExport = 'Get-Root', 'Get-Nested' }");
        Assert.Equal(
            ["root", "nested", "False"],
            _session.Text("Invoke-DispatchTask { Get-Root; Get-Nested; [bool](Get-Command Get-Hidden -ErrorAction Ignore) } -Module (Import-Module $args[0] -PassThru)", manifest));
    }

    [Fact]
    public void Modules_are_imported_once_per_worker_and_one_worker_at_a_time()
    {
        Gate imports = Watch("imports");
        _session["both"] = new Barrier(2);
        string path = WriteModule("Watched", """
            $watch = [AppDomain]::CurrentDomain.GetData('imports')
            if (-not [Threading.Monitor]::TryEnter($watch)) { throw 'two at the same time' }
            $watch.Arrive()
            1..200 | & { process { } }
            [Threading.Monitor]::Exit($watch)
            """.Replace("imports", Key("imports"), StringComparison.Ordinal));
        Assert.Equal(["True", "True"], _session.Text("1..2 | Invoke-DispatchTask { ($using:both).SignalAndWait(60000) } -MaxWorkers 2 -Module $args[0]", path));
        Assert.Equal(2, imports.Count);
        _session.Run("$null = 1..20 | Invoke-DispatchTask { } -MaxWorkers 1 -Module $args[0]", path);
        Assert.Equal(3, imports.Count);
    }

    [Theory]
    [InlineData("NoSuchModuleAnywhere", "Modules_ModuleNotFound")]
    [InlineData("Broken.psm1", "WorkerSetupFailed")]
    public void A_module_that_cannot_be_imported_ends_it_with_an_error_that_names_it(string module, string errorId)
    {
        WriteModule("Broken", "throw 'broken module'");
        string name = module.EndsWith(".psm1", StringComparison.Ordinal) ? Path.Combine(_folder, module) : module;
        Invocation invocation = _session.Invoke("try { 1..100 | Invoke-DispatchTask { 'ran' } -Module $args[0]; 'went on' } catch { 'caught'; $_.FullyQualifiedErrorId; $_.Exception.Message }", name);
        Assert.Equal("caught", invocation.Text[0]);
        Assert.StartsWith(errorId, invocation.Text[1], StringComparison.Ordinal);
        Assert.Contains(name, invocation.Text[2], StringComparison.Ordinal);
        Assert.Empty(invocation.Errors);
    }

    [Fact]
    public void On_a_dispatcher_each_task_fails_with_that_error()
    {
        _session.StartDispatcher("-MaxWorkers 2 -Module NoSuchModuleAnywhere");
        Assert.Equal(
            ["Failed", "Failed", "Failed", "Modules_ModuleNotFound", "True"],
            _session.Text("$t = 1..3 | Send-DispatchTask { 'ran' } | Wait-DispatchTask; $t.State; ($t[0].Error[0].FullyQualifiedErrorId -split ',')[0]; $t[2].Error[0].Exception.Message -like '*NoSuchModuleAnywhere*'"));
        _session.Run("Stop-Dispatcher -Drain -Timeout 60");
    }

    [Fact]
    public void Initialization_and_cleanup_run_once_per_worker_and_write_nothing()
    {
        Gate begun = _session.AddGate("begun");
        Gate ended = _session.AddGate("ended");
        _session["both"] = new Barrier(2);
        Assert.Equal(
            ["True-set", "True-set"],
            _session.Text("""
                $v = 'set'
                1..2 | Invoke-DispatchTask { "$(($using:both).SignalAndWait(60000))-$made" } -MaxWorkers 2 -InitializationScript {
                    'dropped'
                    ($using:begun).Arrive()
                    $made = $using:v
                } -CleanupScript {
                    'dropped too'
                    ($using:ended).Arrive()
                }
                """));
        Assert.Equal(2, begun.Count);
        Assert.Equal(2, ended.Count);
        Assert.Equal(Enumerable.Repeat("f", 50), _session.Text("1..50 | Invoke-DispatchTask { f } -MaxWorkers 1 -InitializationScript { ($using:begun).Arrive(); function f { 'f' } } -CleanupScript { ($using:ended).Arrive() }"));
        Assert.Equal(3, begun.Count);
        Assert.Equal(3, ended.Count);
    }

    [Fact]
    public void Cleanup_sees_what_initialization_made()
    {
        _session["list"] = new System.Collections.Concurrent.ConcurrentBag<object>();
        _session.Run("Invoke-DispatchTask { } -InitializationScript { $connection = 'open' } -CleanupScript { ($using:list).Add(\"$connection\") }");
        Assert.Equal(["open"], _session.Text("$list"));
    }

    [Fact]
    public void An_initialization_that_fails_ends_it()
    {
        Assert.Equal(
            ["WorkerSetupFailed", "True"],
            _session.Text("try { 1..3 | Invoke-DispatchTask { 'ran' } -InitializationScript { throw 'no connection' } } catch { ($_.FullyQualifiedErrorId -split ',')[0]; $_.Exception.Message -like '*initialization script*no connection*' }"));
        Assert.Empty(_session.Run("Get-Dispatcher"));
    }

    [Fact]
    public void A_cleanup_that_fails_harms_nothing()
    {
        Assert.Equal(["1"], _session.Text("Invoke-DispatchTask { 1 } -CleanupScript { throw 'broken' }"));
    }

    [Fact]
    public void A_using_of_a_script_that_is_not_defined_is_an_error_at_once()
    {
        Assert.Contains("nowhere", _session.Fail("Invoke-DispatchTask { 1 } -InitializationScript { $using:nowhere }").Exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Invoke-DispatchTask { & $using:b" + IsHere + " }")]
    [InlineData("Invoke-DispatchTask { & $using:h.Block" + IsHere + " }")]
    [InlineData("Invoke-DispatchTask { & $args[0]" + IsHere + " } -ArgumentList $b")]
    [InlineData("Invoke-DispatchTask { param($p) & $p" + IsHere + " } -Parameter @{ p = $b }")]
    [InlineData("$b | Invoke-DispatchTask { & $_" + IsHere + " }")]
    [InlineData("Invoke-DispatchTask { & $_" + IsHere + " } -InputObject $b")]
    [InlineData("Invoke-DispatchTask { & $b" + IsHere + " } -Variable b")]
    [InlineData("Invoke-DispatchTask { & $c" + IsHere + " } -Variable @{ c = $b }")]
    [InlineData("Invoke-DispatchTask { & $made" + IsHere + " } -InitializationScript { $made = $using:b }")]
    [InlineData("$b | Invoke-DispatchTask { process { & $_" + IsHere + " } }")]
    public void Script_blocks_given_as_values_run_in_the_worker(string script)
    {
        _session.Run("$b = " + WhereAmI + "; $h = @{ Block = $b }; $caller = 'of the caller'");
        Assert.Equal(["True", "<>"], _session.Text(script));
    }

    [Theory]
    [InlineData("Invoke-DispatchTask { & $using:b }")]
    [InlineData("Invoke-DispatchTask { & $args[0] } -ArgumentList $b")]
    [InlineData("Invoke-DispatchTask { param($p) & $p } -Parameter @{ p = $b }")]
    [InlineData("$b | Invoke-DispatchTask { & $_ }")]
    [InlineData("$b | Send-DispatchTask { & $_ } -Dispatcher d")]
    [InlineData("Send-DispatchTask { & $using:b } -Dispatcher d")]
    public void Those_that_carry_state_are_refused(string command)
    {
        _session.StartDispatcher();
        foreach (string block in new[] { "$n = 1; $b = { $n }.GetNewClosure()", "$m = New-Module -AsCustomObject { function get { { 1 } }; Export-ModuleMember -Function get }; $b = $m.get()" })
        {
            _session.Run(block);
            Invocation invocation = _session.Invoke(command);
            Assert.Empty(invocation.Output);
            Assert.StartsWith("ScriptBlockIsBound", invocation.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
            Assert.Equal(ErrorCategory.InvalidArgument, invocation.Error.CategoryInfo.Category);
        }
    }

    [Theory]
    [InlineData("-Variable b")]
    [InlineData("-Variable @{ b = $b }")]
    public void A_variable_that_is_a_closure_is_refused(string parameter)
    {
        ErrorRecord error = _session.Fail("$n = 1; $b = { $n }.GetNewClosure(); Invoke-DispatchTask { & $b } " + parameter);
        Assert.StartsWith("ScriptBlockIsBound", error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void One_bad_item_does_not_end_the_rest()
    {
        Invocation invocation = _session.Invoke("$n = 1; { 'a' }, { $n }.GetNewClosure(), { 'c' } | Invoke-DispatchTask { & $_ } -Ordered");
        Assert.Equal(["a", "c"], invocation.Text);
        Assert.StartsWith("ScriptBlockIsBound", invocation.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void One_block_can_be_run_by_several_sessions_at_once()
    {
        object? block = _session.Run("{ \"$using:v-$_\" }")[0];
        Session[] sessions = [new(), new(), new()];
        Invocation[] running = [.. sessions.Select((session, n) =>
        {
            session["b"] = block;
            return session.Start("$v = " + n + "; 1..300 | Invoke-DispatchTask $b -Ordered -MaxWorkers 2");
        })];
        for (int n = 0; n < running.Length; n++)
        {
            Assert.Equal(Enumerable.Range(1, 300).Select(item => n + "-" + item), running[n].Finish().Text);
            Assert.Empty(running[n].Errors);
        }

        Array.ForEach(sessions, session => session.Dispose());
    }

    private string WriteModule(string name, string text)
    {
        string path = Path.Combine(_folder, name + ".psm1");
        File.WriteAllText(path, text);
        return path;
    }

    private string Key(string name) => name + _folder;

    private Gate Watch(string name)
    {
        var gate = new Gate();
        AppDomain.CurrentDomain.SetData(Key(name), gate);
        return gate;
    }
}
