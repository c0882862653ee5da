using System;
using System.Management.Automation;
using Xunit;

namespace Dispatching.PowerShell.Tests;

public sealed class UsingTests : IDisposable
{
    private readonly Session _session = new();

    public UsingTests() => _session.StartDispatcher("-MaxWorkers 2");

    public void Dispose() => _session.Dispose();

    [Theory]
    [InlineData("$v = 5", "$using:v", "5")]
    [InlineData("$v = 5", "$using:V + $USING:v", "10")]
    [InlineData("$v = @{ Key = 'x' }", "$using:v.Key", "x")]
    [InlineData("$v = @{ Key = 'x' }", "$using:v['Key']", "x")]
    [InlineData("$v = @{ Key = @{ Inner = 'y' } }", "$using:v.Key.Inner", "y")]
    [InlineData("$v = 'a', 'b', 'c'", "$using:v[1]", "b")]
    [InlineData("$v = 'a', 'b', 'c'", "($using:v)[-1]", "c")]
    [InlineData("$v = 'a', 'b', 'c'", "($using:v).Count", "3")]
    [InlineData("$v = 'abc'", "$using:v.Length", "3")]
    [InlineData("$v = 'abc'", "\"<$using:v>\"", "<abc>")]
    [InlineData("$v = 'abc'", "\"<$($using:v.Length)>\"", "<3>")]
    [InlineData("${odd name} = 3", "${using:odd name}", "3")]
    [InlineData("$v = $null", "$null -eq $using:v", "True")]
    [InlineData("$v = @()", "($using:v).GetType().Name", "Object[]")]
    [InlineData("$v = , (, 1)", "($using:v)[0].GetType().Name", "Object[]")]
    [InlineData("$global:v = 6", "$using:global:v", "6")]
    [InlineData("$v = 5", "$using:variable:v", "5")]
    [InlineData("$v = 5", "$using:Variable:V + $using:v", "10")]
    [InlineData("$v = 5", "${using:variable:v}", "5")]
    [InlineData("$v = @{ Key = 'x' }", "$using:variable:v.Key", "x")]
    [InlineData("$v = @{ Key = 'x' }", "$using:variable:v['Key']", "x")]
    [InlineData("$v = 'a', 'b'", "$using:script:v[1]", "b")]
    [InlineData("$script:v = 6", "$using:script:v", "6")]
    [InlineData("$v = 6", "$using:local:v", "6")]
    [InlineData("$private:v = 6", "$using:private:v", "6")]
    [InlineData("$env:DISPATCHER_TEST = 'e'", "$using:env:DISPATCHER_TEST", "e")]
    [InlineData("$v = 5", "& { & { $using:v } }", "5")]
    [InlineData("$v = 5", "function f { $using:v }; f", "5")]
    [InlineData("$v = 5", "function f { function g { & { $using:v } }; g }; f", "5")]
    [InlineData("$v = 5", "1 | ForEach-Object { $using:v + $_ }", "6")]
    [InlineData("$v = 5", "$using:v | ForEach-Object { $_ }", "5")]
    [InlineData("$v = 5", "if ($true) { foreach ($i in 1) { $using:v } }", "5")]
    [InlineData("$v = 1..3", "$using:v", "1,2,3")]
    [InlineData("$v = 1..3", "@($using:v).Count", "3")]
    [InlineData("$v = @{ a = 1; b = 2 }", "$h = $using:v; function f($a, $b) { \"$a$b\" }; f @h", "12")]
    [InlineData("$v = 5", "process { $using:v }", "5")]
    [InlineData("$v = 5", "begin { $using:v } end { $using:v }", "5,5")]
    [InlineData("$v = 5", "param($p = $using:v) $p", "5")]
    [InlineData("$v = [version]'1.2'", "$using:v.Major; $using:v.Minor", "1,2")]
    public void Values_of_the_caller_are_there(string set, string body, string expected)
    {
        Assert.Equal(expected.Split(','), _session.Text(set + "; Send-DispatchTask { " + body + " } | Receive-DispatchTask -Wait"));
    }

    [Theory]
    [InlineData("$using:nothing")]
    [InlineData("$using:nothing.Length")]
    [InlineData("$using:variable:nothing")]
    [InlineData("$using:script:nothing")]
    [InlineData("$using:global:nothing")]
    [InlineData("& { $using:nothing }")]
    [InlineData("function f { $using:nothing }")]
    [InlineData("param($p = $using:nothing)")]
    public void One_that_is_not_defined_is_an_error_and_nothing_is_sent(string body)
    {
        ErrorRecord error = _session.Fail("1..3 | Send-DispatchTask { " + body + " }");
        Assert.StartsWith("UsingVariableIsUndefined,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.InvalidArgument, error.CategoryInfo.Category);
        Assert.Contains("nothing", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(["0"], _session.Text("$d.Statistics.Sent"));
    }

    [Fact]
    public void Objects_come_by_reference()
    {
        Assert.Equal(
            ["1", "True"],
            _session.Text("""
                $list = [Collections.Generic.List[object]]::new()
                $null = Send-DispatchTask { ($using:list).Add(($using:list)) } | Wait-DispatchTask
                $list.Count; [object]::ReferenceEquals($list[0], $list)
                """));
    }

    [Fact]
    public void Values_are_those_of_when_the_block_was_sent()
    {
        Assert.Equal(
            ["first", "second"],
            _session.Text("""
                $n = New-Dispatcher n; $b = { $using:v }
                $v = 'first'; $t1 = Send-DispatchTask $b -Dispatcher n
                $v = 'second'; $t2 = Send-DispatchTask $b -Dispatcher n
                $v = 'third'; Start-Dispatcher n
                $t1, $t2 | Receive-DispatchTask -Wait -Ordered
                """));
    }

    [Fact]
    public void Locals_of_a_function_that_sends_are_seen()
    {
        Assert.Equal(["inner", "inner.Length=5"], _session.Text("""
            $v = 'outer'
            function Send-It { $v = 'inner'; Send-DispatchTask { $using:v; "inner.Length=$($using:v.Length)" } | Receive-DispatchTask -Wait }
            Send-It
            """));
    }

    [Fact]
    public void Many_different_values_of_one_block_do_not_mix()
    {
        Assert.Equal(
            ["True"],
            _session.Text("""
                Set-Dispatcher d -MaxWorkers 4
                $t = foreach ($i in 1..300) { Send-DispatchTask { $_ -eq $using:i } -InputObject $i }
                ($t | Receive-DispatchTask -Wait) -notcontains $false
                """));
    }

    [Fact]
    public void A_using_inside_a_nested_parallel_belongs_to_that()
    {
        Assert.Equal(
            ["local"],
            _session.Text("$v = 'caller'; Send-DispatchTask { $v = 'local'; 1 | ForEach-Object -Parallel { $using:v } } | Receive-DispatchTask -Wait"));
        Assert.Equal(
            ["local"],
            _session.Text("Send-DispatchTask { $w = 'local'; 1 | ForEach-Object -Parallel { $using:w } } | Receive-DispatchTask -Wait"));
    }

    [Fact]
    public void A_using_inside_a_nested_send_belongs_to_that()
    {
        Assert.Equal(
            ["local"],
            _session.Text("$v = 'caller'; Send-DispatchTask { $v = 'local'; Send-DispatchTask { $using:v } | Receive-DispatchTask -Wait } | Receive-DispatchTask -Wait"));
    }

    [Fact]
    public void A_task_can_pass_its_own_using_values_on()
    {
        Assert.Equal(
            ["caller"],
            _session.Text("$v = 'caller'; Send-DispatchTask { $w = $using:v; Send-DispatchTask { $using:w } | Receive-DispatchTask -Wait } | Receive-DispatchTask -Wait"));
    }
}
