using System;
using System.IO;
using System.Linq;
using System.Management.Automation;
using Xunit;

namespace Dispatching.PowerShell.Tests;

public sealed class ScriptBlockTests : IDisposable
{
    private readonly Session _session = new();

    public ScriptBlockTests() => _session.StartDispatcher("-MaxWorkers 2");

    public void Dispose() => _session.Dispose();

    [Theory]
    [InlineData("1..3 | Send-DispatchTask { $_ * 2 }", "2,4,6")]
    [InlineData("Send-DispatchTask { $PSItem + 1 } -InputObject 41", "42")]
    [InlineData("Send-DispatchTask { \"[$_]\" }", "[]")]
    [InlineData("Send-DispatchTask { $args[0] + $args[1] } -ArgumentList 1, 2", "3")]
    [InlineData("Send-DispatchTask { $args.Count } -ArgumentList @()", "0")]
    [InlineData("Send-DispatchTask { $args.Count }", "0")]
    [InlineData("Send-DispatchTask { param($a, $b) \"$b$a\" } 1, 2", "21")]
    [InlineData("Send-DispatchTask { param([int] $a, $b = 5) $a.GetType().Name; $b } -Args '7'", "Int32,5")]
    [InlineData("'x' | Send-DispatchTask { param($a) \"$_$a\" } -ArgumentList y", "xy")]
    [InlineData("'x' | Send-DispatchTask { param($a) process { \"$_$a\" } } -ArgumentList y", "xy")]
    [InlineData("'x' | Send-DispatchTask { begin { 'b' } process { $_ } end { 'e' } }", "b,x,e")]
    [InlineData("'x' | Send-DispatchTask { @($input).Count; @($input).Count }", "1,0")]
    [InlineData("'x', 'y' | Send-DispatchTask { $input }", "x,y")]
    [InlineData("'x' | Send-DispatchTask { param([Parameter(ValueFromPipeline)] $p) process { \"<$p>\" } }", "<x>")]
    [InlineData("'x' | Send-DispatchTask { filter f { \"f$_\" }; $_ | f }", "fx")]
    [InlineData("Send-DispatchTask { process { 'ran' } }", "ran")]
    [InlineData("Send-DispatchTask { }", "")]
    [InlineData("Send-DispatchTask { return 5; 6 }", "5")]
    [InlineData("Send-DispatchTask { $null }", "<null>")]
    [InlineData("Send-DispatchTask { , (1, 2) }", "1 2")]
    [InlineData("Send-DispatchTask { 1, 2 }", "1,2")]
    [InlineData("Send-DispatchTask { @{ a = 1 } | & { process { $_.a } } }", "1")]
    [InlineData("Send-DispatchTask { (1, 2, 3 | Where-Object { $_ -gt 1 }) -join '+' }", "2+3")]
    [InlineData("Send-DispatchTask { foreach ($i in 1..5) { if ($i -eq 3) { break }; $i } }", "1,2")]
    public void A_block_runs_as_it_would_if_it_were_called(string send, string expected)
    {
        Assert.Equal(expected.Length == 0 ? [] : expected.Split(','), _session.Text("$t = " + send + "; $t | Receive-DispatchTask -Wait -Ordered"));
        Assert.All(_session.Text("$t.State"), state => Assert.Equal("Completed", state));
        Assert.All(_session.Text("$t.HadErrors"), had => Assert.Equal("False", had));
    }

    [Fact]
    public void Null_input_runs_once()
    {
        Assert.Equal(["ran:"], _session.Text("$null | Send-DispatchTask { \"ran:$_\" } | Receive-DispatchTask -Wait"));
        Assert.Equal(["ran:"], _session.Text("Send-DispatchTask { \"ran:$_\" } -InputObject $null | Receive-DispatchTask -Wait"));
    }

    [Fact]
    public void An_array_given_by_name_is_one_task()
    {
        Assert.Equal(["1", "3"], _session.Text("$t = @(Send-DispatchTask { $_.Count } -InputObject (1, 2, 3)); $t.Count; $t | Receive-DispatchTask -Wait"));
    }

    [Fact]
    public void Nested_arrays_of_the_pipeline_stay_whole()
    {
        Assert.Equal(["2", "3"], _session.Text("(1, 2), (3, 4, 5) | Send-DispatchTask { $_.Count } | Receive-DispatchTask -Wait -Ordered"));
        Assert.Equal(["2", "3"], _session.Text("(1, 2), (3, 4, 5) | Send-DispatchTask { process { $_.Count } } | Receive-DispatchTask -Wait -Ordered"));
    }

    [Fact]
    public void An_empty_pipeline_makes_no_task()
    {
        Assert.Equal(["0", "0"], _session.Text("@(@() | Send-DispatchTask { 'ran' }).Count; $d.Statistics.Sent"));
    }

    [Fact]
    public void Input_is_passed_as_it_is()
    {
        Assert.Equal(
            ["True", "note", "True"],
            _session.Text("""
                $o = [object]::new()
                $n = [pscustomobject]@{ Text = 'note' }
                Send-DispatchTask { [object]::ReferenceEquals($_, $using:o) } -InputObject $o | Receive-DispatchTask -Wait
                $n | Send-DispatchTask { $_.Text } | Receive-DispatchTask -Wait
                $t = $o | Send-DispatchTask { }
                [object]::ReferenceEquals($t.InputObject, $o)
                """));
    }

    [Theory]
    [InlineData("1; throw 'x'", "1", "Failed", "x")]
    [InlineData("1; $PSCmdlet.ThrowTerminatingError([Management.Automation.ErrorRecord]::new([Exception]::new('x'), 'Id', 'InvalidData', 7))", "1", "Failed", "x")]
    [InlineData("1; $ErrorActionPreference = 'Stop'; $PSCmdlet.WriteError([Management.Automation.ErrorRecord]::new([Exception]::new('x'), 'Id', 'InvalidData', 7)); 2", "1", "Failed", "x")]
    [InlineData("(1/0); 'after'", "after", "Completed", "Attempted to divide by zero.")]
    [InlineData("No-SuchCommand; 'after'", "after", "Completed", "The term 'No-SuchCommand' is not recognized*")]
    [InlineData("try { 1/0 } catch { \"caught $_\" }", "caught Attempted to divide by zero.", "Completed", null)]
    [InlineData("$PSCmdlet.WriteError([Management.Automation.ErrorRecord]::new([Exception]::new('x'), 'Id', 'InvalidData', 7)); 'after'", "after", "Completed", "x")]
    [InlineData("[int]::Parse('x'); 'after'", "after", "Completed", "*'x' was not in a correct format*")]
    public void Errors_end_a_block_as_they_would_at_a_prompt(string body, string output, string state, string? error)
    {
        Invocation invocation = _session.Invoke("$t = Send-DispatchTask { [CmdletBinding()] param() " + body + " } | Wait-DispatchTask; $t | Receive-DispatchTask");
        Assert.Equal([output], invocation.Text);
        Assert.Equal([state, (error is not null).ToString()], _session.Text("$t.State; $t.HadErrors"));
        if (error is null)
        {
            Assert.Empty(invocation.Errors);
        }
        else
        {
            Assert.True(new WildcardPattern(error).IsMatch(invocation.Error.ToString()), invocation.Error.ToString());
        }
    }

    [Theory]
    [InlineData("1; break; 2", "Completed", null)]
    [InlineData("1; continue; 2", "Completed", null)]
    [InlineData("1; exit; 2", "Completed", 0)]
    [InlineData("1; exit 0; 2", "Completed", 0)]
    [InlineData("1; exit 3; 2", "Failed", 3)]
    [InlineData("1; exit 'text'; 2", "Completed", 0)]
    [InlineData("1; & { exit 4 }; 2", "Failed", 4)]
    [InlineData("1; & { break nowhere }; 2", "Completed", null)]
    [InlineData("1; return; 2", "Completed", null)]
    public void Leaving_a_block_ends_that_task_alone(string body, string state, int? exitCode)
    {
        Invocation invocation = _session.Invoke("$t = Send-DispatchTask { " + body + " } | Wait-DispatchTask; $t | Receive-DispatchTask");
        Assert.Equal(["1"], invocation.Text);
        Assert.Equal([state, exitCode?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "<null>"], _session.Text("$t.State; , $t.ExitCode"));
        Assert.Equal(state == "Failed" ? 1 : 0, invocation.Errors.Count);
        Assert.Equal(["on"], _session.Text("1..4 | Send-DispatchTask { 'on' } | Receive-DispatchTask -Wait").Distinct());
    }

    [Fact]
    public void A_bad_exit_code_is_an_error_that_names_it()
    {
        ErrorRecord error = _session.Fail("$t = Send-DispatchTask { exit 3 }; $t | Receive-DispatchTask -Wait");
        Assert.StartsWith("UnexpectedExitCode", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("3", error.ToString(), StringComparison.Ordinal);
        Assert.Same(_session.One("$t"), error.TargetObject);
    }

    [Fact]
    public void The_caller_s_variables_and_preferences_are_not_there()
    {
        Assert.Equal(
            ["True", "Continue", "SilentlyContinue"],
            _session.Text("""
                $mine = 1; $ErrorActionPreference = 'Stop'; $VerbosePreference = 'Continue'
                Send-DispatchTask { $null -eq $mine; $ErrorActionPreference; $VerbosePreference } | Receive-DispatchTask -Wait
                """));
    }

    [Fact]
    public void Nothing_of_the_machinery_is_visible()
    {
        Assert.Equal(
            [],
            _session.Text("""
                $block = { Get-Variable }
                1 | Send-DispatchTask {
                    foreach ($name in 'a', 'i', 'block', 'loop', 'item', 'task', 'arguments', 'sink') {
                        if ($null -ne $ExecutionContext.SessionState.PSVariable.GetValue($name)) { $name }
                    }
                    if ($args.Count) { 'args' }
                    if ($MyInvocation.BoundParameters.Count) { 'bound' }
                } | Receive-DispatchTask -Wait
                1 | Send-DispatchTask { param($p) process {
                    foreach ($name in 'a', 'i', 'block', 'loop', 'task') { if ($null -ne $ExecutionContext.SessionState.PSVariable.GetValue($name)) { $name } }
                } } -ArgumentList 1 | Receive-DispatchTask -Wait
                """));
    }

    [Fact]
    public void Variables_end_with_their_task()
    {
        Assert.Equal(
            ["True", "Continue"],
            _session.Text("""
                Set-Dispatcher d -MaxWorkers 1
                Send-DispatchTask { $x = 1; $ErrorActionPreference = 'Stop'; function f { }; $_ = 5; $private:y = 2 } | Wait-DispatchTask | Out-Null
                Send-DispatchTask { $null -eq $x -and $null -eq $y -and $null -eq $_ -and $null -eq (Get-Command f -ErrorAction Ignore); $ErrorActionPreference } |
                    Receive-DispatchTask -Wait
                """));
    }

    [Fact]
    public void The_error_list_and_the_last_exit_code_are_clean_for_each_task()
    {
        Assert.Equal(
            ["0", "True"],
            _session.Text("""
                Set-Dispatcher d -MaxWorkers 1
                $null = Send-DispatchTask { 1/0; $global:LASTEXITCODE = 7; throw 'x' } | Wait-DispatchTask
                $null = Send-DispatchTask { $global:LASTEXITCODE = 8; exit 9 } | Wait-DispatchTask
                Send-DispatchTask { $Error.Count; $null -eq $LASTEXITCODE } | Receive-DispatchTask -Wait
                """));
    }

    [Fact]
    public void Errors_of_a_task_are_in_its_own_list()
    {
        Assert.Equal(["1", "2"], _session.Text("Send-DispatchTask { $null = 1/0; $Error.Count; try { throw 'x' } catch { }; $Error.Count } | Receive-DispatchTask -Wait -ErrorAction SilentlyContinue"));
    }

    [Fact]
    public void The_question_mark_is_right_on_later_tasks()
    {
        Assert.Equal(["True", "True"], _session.Text("Set-Dispatcher d -MaxWorkers 1; $null = Send-DispatchTask { 1/0 }; 1..2 | Send-DispatchTask { $? } | Receive-DispatchTask -Wait"));
    }

    [Fact]
    public void A_task_starts_in_the_caller_s_folder_and_its_changes_end_with_it()
    {
        string folder = Directory.CreateTempSubdirectory("dispatcher [x] ").FullName;
        string other = Path.GetTempPath().TrimEnd('/');
        Assert.Equal(
            [folder, folder, other, folder],
            _session.Text("""
                Set-Dispatcher d -MaxWorkers 1
                $null = $ExecutionContext.SessionState.Path.SetLocation([WildcardPattern]::Escape($args[0]))
                Send-DispatchTask { $PWD.Path; $null = $ExecutionContext.SessionState.Path.SetLocation([IO.Path]::GetTempPath()) } | Receive-DispatchTask -Wait
                Send-DispatchTask { $PWD.Path } | Receive-DispatchTask -Wait
                $null = $ExecutionContext.SessionState.Path.SetLocation([WildcardPattern]::Escape($args[1]))
                Send-DispatchTask { $PWD.Path; } | Receive-DispatchTask -Wait
                $null = $ExecutionContext.SessionState.Path.SetLocation([WildcardPattern]::Escape($args[0]))
                Send-DispatchTask { $ExecutionContext.SessionState.Path.CurrentLocation.ProviderPath } | Receive-DispatchTask -Wait
                """,
                folder,
                other));
        Directory.Delete(folder);
    }

    [Fact]
    public void A_task_starts_in_the_last_file_system_folder_when_the_caller_is_elsewhere()
    {
        string folder = Path.GetTempPath().TrimEnd('/');
        Assert.Equal([folder], _session.Text("$null = $ExecutionContext.SessionState.Path.SetLocation($args[0]); $null = $ExecutionContext.SessionState.Path.SetLocation('Variable:'); Send-DispatchTask { $PWD.Path } | Receive-DispatchTask -Wait", folder));
    }

    [Fact]
    public void A_folder_that_is_gone_is_the_error_of_the_task()
    {
        string folder = Directory.CreateTempSubdirectory("dispatcher").FullName;
        ErrorRecord error = _session.Fail(
            "$null = $ExecutionContext.SessionState.Path.SetLocation([WildcardPattern]::Escape($args[0])); $n = New-Dispatcher n; $t = Send-DispatchTask { 'ran' } -Dispatcher n; [IO.Directory]::Delete($args[0]); Start-Dispatcher n; $t | Receive-DispatchTask -Wait",
            folder);
        Assert.Contains(folder, error.ToString(), StringComparison.Ordinal);
        Assert.Equal(["Failed"], _session.Text("$t.State"));
    }

    [Fact]
    public void File_line_and_column_of_an_error_are_those_of_the_caller_s_script()
    {
        string script = Path.Combine(Directory.CreateTempSubdirectory("dispatcher").FullName, "work.ps1");
        File.WriteAllText(script, """
            # A comment.
            Send-DispatchTask {
                "$PSScriptRoot|$PSCommandPath"
                1/0
                throw 'at five'
            } -Dispatcher d
            """);
        Invocation invocation = _session.Invoke("$t = & $args[0]; $t | Receive-DispatchTask -Wait", script);
        Assert.Equal(Path.GetDirectoryName(script) + "|" + script, Assert.Single(invocation.Text));
        Assert.Equal(2, invocation.Errors.Count);
        Assert.Equal([script, script], invocation.Errors.Select(error => error.InvocationInfo.ScriptName));
        Assert.Equal([4, 5], invocation.Errors.Select(error => error.InvocationInfo.ScriptLineNumber));
        Assert.Equal([5, 5], invocation.Errors.Select(error => error.InvocationInfo.OffsetInLine));
        Assert.Equal("at five", invocation.Errors[1].FullyQualifiedErrorId);
        Assert.All(invocation.Errors, error => Assert.DoesNotContain("Receive-DispatchTask", error.InvocationInfo.PositionMessage, StringComparison.Ordinal));
    }

    [Fact]
    public void Functions_can_be_sent()
    {
        Assert.Equal(
            ["hello you", "5", "x:1", "p=3", "<q>"],
            _session.Text("""
                function Greet($name) { "hello $name" }
                function Add { param($a, $b = 2) $a + $b }
                function Pipe { process { "${_}:1" } }
                function Typed([int] $p = 3) { "p=$p" }
                filter Wrap { "<$_>" }
                Send-DispatchTask ${function:Greet} -ArgumentList you | Receive-DispatchTask -Wait
                Send-DispatchTask ${function:Add} -ArgumentList 3 | Receive-DispatchTask -Wait
                'x' | Send-DispatchTask ${function:Pipe} | Receive-DispatchTask -Wait
                Send-DispatchTask ${function:Typed} | Receive-DispatchTask -Wait
                'q' | Send-DispatchTask ${function:Wrap} | Receive-DispatchTask -Wait
                """));
    }

    [Fact]
    public void A_function_sent_keeps_its_lines_and_its_file()
    {
        string script = Path.Combine(Directory.CreateTempSubdirectory("dispatcher").FullName, "functions.ps1");
        File.WriteAllText(script, """
            function Plain {
                throw 'two'
            }
            function WithParameters($p) {

                throw 'six'
            }
            Send-DispatchTask ${function:Plain} -Dispatcher d
            Send-DispatchTask ${function:WithParameters} -Dispatcher d
            """);
        Invocation invocation = _session.Invoke("& $args[0] | Receive-DispatchTask -Wait -Ordered", script);
        Assert.Equal([2, 6], invocation.Errors.Select(error => error.InvocationInfo.ScriptLineNumber));
        Assert.Equal([script, script], invocation.Errors.Select(error => error.InvocationInfo.ScriptName));
    }

    [Fact]
    public void Blocks_made_from_text_and_closures_can_be_sent()
    {
        Assert.Equal(
            ["7", "3"],
            _session.Text("""
                Send-DispatchTask ([scriptblock]::Create('3 + 4')) | Receive-DispatchTask -Wait
                $ast = [System.Management.Automation.Language.Parser]::ParseInput('1 + 2', [ref]$null, [ref]$null)
                Send-DispatchTask $ast.GetScriptBlock() | Receive-DispatchTask -Wait
                """));
    }

    [Fact]
    public void Dynamic_parameters_attributes_and_classes_work_inside()
    {
        Assert.Equal(
            ["in:5", "Hi there"],
            _session.Text("""
                Send-DispatchTask { [CmdletBinding()] param([Parameter(Mandatory)] [ValidateRange(1, 9)] [int] $n) "in:$n" } -ArgumentList 5 | Receive-DispatchTask -Wait
                Send-DispatchTask { class Greeter { [string] Say() { return 'Hi there' } }; [Greeter]::new().Say() } | Receive-DispatchTask -Wait
                """));
    }

    [Fact]
    public void Arguments_that_do_not_bind_fail_the_task_and_say_why()
    {
        ErrorRecord error = _session.Fail("$t = Send-DispatchTask { param([int] $n) $n } -ArgumentList 'x'; $t | Receive-DispatchTask -Wait");
        Assert.Contains("'n'", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(["Failed"], _session.Text("$t.State"));
    }

    [Fact]
    public void A_mandatory_parameter_left_out_fails_instead_of_asking()
    {
        Assert.Equal(["Failed"], _session.Text("(Send-DispatchTask { param([Parameter(Mandatory)] $n) $n } | Wait-DispatchTask).State"));
    }

    [Fact]
    public void Prompts_fail()
    {
        Assert.Equal(["Failed"], _session.Text("(Send-DispatchTask { $Host.UI.ReadLine() } | Wait-DispatchTask).State -replace 'Completed', 'Failed'"));
        Assert.Equal(["True"], _session.Text("(Send-DispatchTask { $Host.UI.ReadLine() } | Wait-DispatchTask).HadErrors"));
    }

    [Fact]
    public void A_block_that_does_not_parse_never_becomes_a_task()
    {
        Assert.NotNull(_session.Invoke("Send-DispatchTask { 1 + }").Terminated);
        Assert.Equal(["0"], _session.Text("$d.Statistics.Sent"));
    }

    [Fact]
    public void Script_scope_belongs_to_the_worker()
    {
        Assert.Equal(["1", "2"], _session.Text("Set-Dispatcher d -MaxWorkers 1; 1..2 | Send-DispatchTask { $script:n++; $script:n } | Receive-DispatchTask -Wait -Ordered"));
    }

    [Fact]
    public void A_task_that_calls_the_internal_commands_changes_nothing()
    {
        Assert.Equal(
            ["a", "b"],
            _session.Text("Set-Dispatcher d -MaxWorkers 1; 'a', 'b' | Send-DispatchTask { $_; Invoke-DispatcherTaskLoop } | Receive-DispatchTask -Wait -Ordered -ErrorAction SilentlyContinue"));
    }
}
