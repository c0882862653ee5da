using System;
using System.Linq;
using System.Management.Automation;
using Xunit;

namespace Dispatching.PowerShell.Tests;

public sealed class DispatcherSelectionTests : IDisposable
{
    private readonly Session _session = new();

    public void Dispose() => _session.Dispose();

    [Theory]
    [InlineData("Start-Dispatcher")]
    [InlineData("Stop-Dispatcher")]
    [InlineData("Set-Dispatcher -QueueSize 1")]
    [InlineData("Remove-Dispatcher")]
    [InlineData("Send-DispatchTask { 1 }")]
    [InlineData("Get-DispatchTask")]
    [InlineData("Wait-DispatchTask")]
    [InlineData("Receive-DispatchTask -Name *")]
    [InlineData("Stop-DispatchTask -Name *")]
    public void Left_out_with_none_there_is_an_error_that_says_so(string command)
    {
        ErrorRecord error = _session.Fail(command);
        Assert.StartsWith("NoDispatcher,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.ObjectNotFound, error.CategoryInfo.Category);
        Assert.Contains("New-Dispatcher", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Start-Dispatcher")]
    [InlineData("Stop-Dispatcher")]
    [InlineData("Set-Dispatcher -QueueSize 1")]
    [InlineData("Remove-Dispatcher")]
    [InlineData("Send-DispatchTask { 1 }")]
    [InlineData("Stop-DispatchTask -Name *")]
    public void Left_out_with_several_there_is_an_error_that_names_them(string command)
    {
        ErrorRecord error = _session.Fail("$null = New-Dispatcher one; $null = New-Dispatcher two; " + command);
        Assert.StartsWith("SeveralDispatchers,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.InvalidArgument, error.CategoryInfo.Category);
        Assert.Contains("one, two", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(2, _session.Run("Get-Dispatcher").Count);
    }

    [Fact]
    public void Left_out_with_one_there_it_is_that_one()
    {
        Assert.Equal(
            ["Running", "8", "5", "Stopped"],
            _session.Text("""
                $d = New-Dispatcher only
                Start-Dispatcher
                $d.Status
                Set-Dispatcher -QueueSize 8
                $d.QueueSize
                Send-DispatchTask { 5 } | Wait-DispatchTask | Receive-DispatchTask
                Stop-Dispatcher
                $d.Status
                Remove-Dispatcher
                Get-Dispatcher
                """));
    }

    [Theory]
    [InlineData("Send-DispatchTask { 1 } -Dispatcher nobody")]
    [InlineData("Get-DispatchTask -Dispatcher nobody")]
    [InlineData("Wait-DispatchTask -Dispatcher nobody")]
    [InlineData("Receive-DispatchTask -Name * -Dispatcher nobody")]
    [InlineData("Stop-DispatchTask -Name * -Dispatcher nobody")]
    [InlineData("Start-Dispatcher nobody")]
    [InlineData("Stop-Dispatcher nobody")]
    [InlineData("Set-Dispatcher nobody -QueueSize 1")]
    [InlineData("Remove-Dispatcher nobody")]
    [InlineData("Get-Dispatcher nobody")]
    public void An_unknown_name_is_an_error_that_names_it(string command)
    {
        ErrorRecord error = _session.Fail("$null = New-Dispatcher somebody; " + command);
        Assert.StartsWith("DispatcherNotFound,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.ObjectNotFound, error.CategoryInfo.Category);
        Assert.Equal("nobody", error.TargetObject);
        Assert.Contains("'nobody'", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void One_bad_name_of_several_does_not_end_the_cmdlet()
    {
        Invocation invocation = _session.Invoke("$null = New-Dispatcher a; $null = New-Dispatcher b; (Get-Dispatcher a, nobody, b).Name");
        Assert.Equal(["a", "b"], invocation.Text);
        Assert.Equal("nobody", invocation.Error.TargetObject);
        Assert.Null(invocation.Terminated);
    }

    [Fact]
    public void A_dispatcher_is_given_as_an_object_or_by_its_name_in_any_case()
    {
        Assert.Equal(
            ["one", "two", "two"],
            _session.Text("""
                $one = New-Dispatcher one
                $two = New-Dispatcher two
                (Send-DispatchTask { } -Dispatcher $one).Dispatcher.Name
                (Send-DispatchTask { } -Dispatcher TWO).Dispatcher.Name
                $two | Start-Dispatcher -PassThru | & { process { (Send-DispatchTask { } -Dispatcher $_).Dispatcher.Name } }
                """));
    }

    [Fact]
    public void Names_take_wildcards()
    {
        Assert.Equal(
            ["web1", "web2", "|", "Running", "Running", "Stopped", "|", "web1", "web2"],
            _session.Text("""
                $web = 'web1', 'web2', 'db' | & { process { New-Dispatcher $_ } }
                (Get-Dispatcher web*).Name
                '|'
                Start-Dispatcher web?
                $web.Status
                '|'
                (Stop-Dispatcher web[12] -PassThru).Name
                Remove-Dispatcher *
                Get-Dispatcher
                """));
    }

    [Fact]
    public void A_wildcard_that_matches_none_is_no_error()
    {
        Assert.Empty(_session.Run("$null = New-Dispatcher a; Get-Dispatcher z*; Start-Dispatcher z*; Stop-Dispatcher z*; Remove-Dispatcher z*"));
    }

    [Fact]
    public void Names_come_from_the_pipeline_too()
    {
        Assert.Equal(["a", "b"], _session.Text("$null = New-Dispatcher a; $null = New-Dispatcher b; ('a', 'b' | Get-Dispatcher).Name"));
    }

    [Fact]
    public void Objects_come_from_the_pipeline_and_by_parameter()
    {
        Assert.Equal(
            ["Running", "Running", "Stopped", "Stopped", "3", "3"],
            _session.Text("""
                $null = New-Dispatcher a; $null = New-Dispatcher b
                (Get-Dispatcher | Start-Dispatcher -PassThru).Status
                (Stop-Dispatcher -InputObject (Get-Dispatcher) -PassThru).Status
                (Get-Dispatcher | Set-Dispatcher -QueueSize 3 -PassThru).QueueSize
                Get-Dispatcher | Remove-Dispatcher
                Get-Dispatcher
                """));
    }

    [Fact]
    public void Positional_objects_bind_as_objects()
    {
        Assert.Equal(["Running"], _session.Text("$a = New-Dispatcher 'odd name'; Start-Dispatcher $a; $a.Status"));
    }

    [Fact]
    public void Names_that_look_like_a_pattern_are_found_literally_by_object()
    {
        Assert.Equal(["Running"], _session.Text("$a = New-Dispatcher 'a[1]'; Start-Dispatcher 'a`[1`]'; $a.Status"));
        Assert.Equal(["a[1]"], _session.Text("(Send-DispatchTask { } -Dispatcher 'a[1]').Dispatcher.Name"));
    }

    [Theory]
    [InlineData("Send-DispatchTask { } -Dispatcher ", "'two words',one,oneMore")]
    [InlineData("Send-DispatchTask { } -Dispatcher on", "one,oneMore")]
    [InlineData("Send-DispatchTask { } -Dispatcher ON", "one,oneMore")]
    [InlineData("Send-DispatchTask { } -Dispatcher 'tw", "'two words'")]
    [InlineData("Get-Dispatcher ", "'two words',one,oneMore")]
    [InlineData("Get-Dispatcher -Name onem", "oneMore")]
    [InlineData("Start-Dispatcher o", "one,oneMore")]
    [InlineData("Stop-Dispatcher -Name o", "one,oneMore")]
    [InlineData("Set-Dispatcher o", "one,oneMore")]
    [InlineData("Remove-Dispatcher o", "one,oneMore")]
    [InlineData("Get-DispatchTask -Dispatcher o", "one,oneMore")]
    [InlineData("Wait-DispatchTask -Dispatcher o", "one,oneMore")]
    [InlineData("Receive-DispatchTask -Dispatcher o", "one,oneMore")]
    [InlineData("Stop-DispatchTask -Dispatcher o", "one,oneMore")]
    public void Names_are_completed(string text, string expected)
    {
        _session.Run("$null = 'one', 'oneMore', 'two words' | & { process { New-Dispatcher $_ } }");
        _session["text"] = text;
        Assert.Equal(
            expected.Split(','),
            _session.Text("[System.Management.Automation.CommandCompletion]::CompleteInput($text, $text.Length, $null).CompletionMatches.CompletionText")
                .Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_removed_dispatcher_is_refused_by_all()
    {
        _session.Run("$d = New-Dispatcher gone; Remove-Dispatcher gone");
        foreach (string command in new[] { "Send-DispatchTask { 1 } -Dispatcher $d", "Start-Dispatcher $d" })
        {
            ErrorRecord error = _session.Fail(command);
            Assert.StartsWith("DispatcherRemoved,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
            Assert.Equal(ErrorCategory.InvalidOperation, error.CategoryInfo.Category);
            Assert.Contains("'gone' has been removed", error.ToString(), StringComparison.Ordinal);
        }
    }
}
