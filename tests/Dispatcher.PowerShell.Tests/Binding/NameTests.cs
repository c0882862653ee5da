using System;
using System.Linq;
using System.Management.Automation;
using Xunit;

namespace Dispatching.PowerShell.Tests;

/// <summary>Names with wildcard characters in them, and names that a block makes.</summary>
public sealed class NameTests : IDisposable
{
    private readonly Session _session = new();

    public void Dispose() => _session.Dispose();

    [Theory]
    [InlineData("[a]*")]
    [InlineData("job[1]")]
    [InlineData("[")]
    [InlineData("a?")]
    [InlineData("back`tick")]
    [InlineData("[x-")]
    public void A_dispatcher_is_found_by_exactly_its_name(string name)
    {
        _session["name"] = name;
        Assert.Equal(
            ["Running", "Running", "7", name, "Stopped", "0"],
            _session.Text("""
                $d = New-Dispatcher $name; $null = New-Dispatcher a; $null = New-Dispatcher job1; $null = New-Dispatcher ab
                Start-Dispatcher $name; $d.Status
                (Start-Dispatcher -Name $name -PassThru).Status
                (Set-Dispatcher $name -QueueSize 7 -PassThru).QueueSize
                (Get-Dispatcher $name).Name
                (Stop-Dispatcher $name -PassThru).Status
                Remove-Dispatcher $name
                @(Get-Dispatcher | & { process { if ($_.Name -eq $name) { $_ } } }).Count
                """));
        Assert.Equal(3, _session.Run("Get-Dispatcher").Count);
    }

    [Theory]
    [InlineData("[a]*")]
    [InlineData("job[1]")]
    [InlineData("[")]
    public void A_task_is_found_by_exactly_its_name(string name)
    {
        _session["name"] = name;
        _session.StartDispatcher();
        _session.Run("$t = Send-DispatchTask { 5 } -Name $name; $null = 'a', 'job1', 'ab' | & { process { Send-DispatchTask { 6 } -Name $_ } }");
        Assert.Equal([name, name, "5"], _session.Text("(Get-DispatchTask -Name $name).Name; (Wait-DispatchTask -Name $name).Name; Receive-DispatchTask -Name $name"));
        Assert.Equal([name], _session.Text("(Stop-DispatchTask -Name $name -PassThru).Name"));
    }

    [Fact]
    public void A_star_means_all_whatever_their_names()
    {
        Assert.Equal(["*", "a"], _session.Text("$null = New-Dispatcher *; $null = New-Dispatcher a; (Get-Dispatcher *).Name"));
    }

    [Theory]
    [InlineData("Get-Dispatcher '['", "DispatcherNotFound", "[")]
    [InlineData("Start-Dispatcher '[a-'", "DispatcherNotFound", "[a-")]
    [InlineData("Get-DispatchTask -Name '['", "TaskNotFound", "[")]
    [InlineData("Stop-DispatchTask -Name 'x['", "TaskNotFound", "x[")]
    [InlineData("Receive-DispatchTask -Name 'x['", "TaskNotFound", "x[")]
    public void A_bracket_that_is_not_closed_is_no_wildcard(string script, string id, string name)
    {
        _session.StartDispatcher();
        ErrorRecord error = _session.Fail(script);
        Assert.StartsWith(id + ",", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.ObjectNotFound, error.CategoryInfo.Category);
        Assert.Equal(name, error.TargetObject);
        Assert.Contains("-Name", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("needs a ']'", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_function_is_brought_by_exactly_its_name()
    {
        Assert.Equal(["mine"], _session.Text("function f[1] { 'mine' }; function f1 { 'other' }; Invoke-DispatchTask { & 'f[1]'; if (Test-Path function:f1) { 'f1' } } -Function 'f[1]'"));
        Assert.Contains("-Function", _session.Fail("New-Dispatcher x -Function '['").ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_completion_has_written_is_completed_again()
    {
        _session.Run("$null = New-Dispatcher 'a[1]'");
        Assert.Equal(["'a`[1`]'"], _session.Text("$text = \"Get-Dispatcher 'a``[1``]'\"; (TabExpansion2 $text $text.Length).CompletionMatches.CompletionText"));
    }

    [Theory]
    [InlineData("Send-DispatchTask")]
    [InlineData("Invoke-DispatchTask -AsJob")]
    public void A_block_makes_the_name_of_each_item(string command)
    {
        _session.StartDispatcher();
        Assert.Equal(["n-1", "n-2"], _session.Text("$null = 1, 2 | " + command + " { } -Dispatcher d -Name { \"n-$_\" }; (Get-DispatchTask).Name"));
    }

    [Fact]
    public void Text_is_the_name_of_all_and_a_number_is_text()
    {
        _session.StartDispatcher();
        Assert.Equal(["all", "all", "5"], _session.Text("(1, 2 | Send-DispatchTask { } -Name all).Name; (Send-DispatchTask { } -Name 5).Name"));
    }

    [Theory]
    [InlineData("{ if ($_ -eq 2) { throw 'bad' } else { \"$_\" } }", "bad")]
    [InlineData("{ if ($_ -ne 2) { \"$_\" } }", "wrote nothing")]
    [InlineData("{ if ($_ -eq 2) { Get-Item ./no-such-file }; \"$_\" }", "no-such-file")]
    [InlineData("{ if ($_ -eq 2) { Write-Error bad -ErrorAction SilentlyContinue }; if ($_ -eq 2) { Write-Error worse }; \"$_\" }", "worse")]
    public void A_block_that_makes_none_is_an_error_of_its_item(string block, string why)
    {
        _session.StartDispatcher();
        Invocation invocation = _session.Invoke("(1..3 | Send-DispatchTask { } -Name " + block + ").Name");
        Assert.Equal(["1", "3"], invocation.Text);
        Assert.StartsWith("ArgumentBlockFailed,", invocation.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(2, LanguagePrimitives.ConvertTo<int>(invocation.Error.TargetObject));
        Assert.Contains("-Name", invocation.Error.ToString(), StringComparison.Ordinal);
        Assert.Contains("'2'", invocation.Error.ToString(), StringComparison.Ordinal);
        Assert.Contains(why, invocation.Error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a, b")]
    [InlineData("''")]
    [InlineData("$null")]
    public void What_is_no_name_is_an_error_that_shows_a_block(string value)
    {
        _session.StartDispatcher();
        ErrorRecord error = _session.Fail("Send-DispatchTask { } -Name " + value);
        Assert.Contains("'Name'", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("{ $_.Name }", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Tasks_of_all_dispatchers_are_seen()
    {
        Assert.Equal(
            ["one", "two", "|", "one", "two", "|", "1", "2", "|", "two"],
            _session.Text("""
                'one', 'two' | & { process { $null = New-Dispatcher $_; Start-Dispatcher $_ } }
                $t = @(Send-DispatchTask { 1 } -Dispatcher one -Name x; Send-DispatchTask { 2 } -Dispatcher two -Name x)
                (Wait-DispatchTask).Dispatcher.Name
                '|'; (Get-DispatchTask -Name x).Dispatcher.Name
                '|'; Receive-DispatchTask -Name x
                '|'; (Get-DispatchTask -Dispatcher two).Dispatcher.Name
                """));
        Assert.StartsWith("TaskNotFound,", _session.Fail("Get-DispatchTask -Name y").FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void Stop_by_id_or_by_object_needs_no_dispatcher()
    {
        Assert.Equal(
            ["Stopped", "Stopped"],
            _session.Text("""
                $null = New-Dispatcher one; $null = New-Dispatcher two
                $t = @(Send-DispatchTask { 1 } -Dispatcher one; Send-DispatchTask { 2 } -Dispatcher two)
                Stop-DispatchTask $t[0].Id
                $t[1] | Stop-DispatchTask
                $t.State
                """));
    }

    [Fact]
    public void Inside_a_task_its_own_dispatcher_is_meant()
    {
        _session.StartDispatcher();
        Assert.Equal(["d"], _session.Text("$null = New-Dispatcher other; $null = Send-DispatchTask { } -Dispatcher other; Send-DispatchTask { (Get-DispatchTask).Dispatcher.Name | Select-Object -Unique } -Dispatcher d | Receive-DispatchTask -Wait"));
    }
}
