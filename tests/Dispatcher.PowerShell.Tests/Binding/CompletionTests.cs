using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using Xunit;

namespace Dispatching.PowerShell.Tests;

public sealed class CompletionTests : IDisposable
{
    private readonly Session _session = new();

    public CompletionTests() => _session.StartDispatcher("-MaxWorkers 2");

    public void Dispose() => _session.Dispose();

    [Theory]
    [InlineData("Get-DispatchTask -Name o", "one,oneMore")]
    [InlineData("Get-DispatchTask -Name *ore", "oneMore")]
    [InlineData("Get-DispatchTask -Name t", "'two words'")]
    [InlineData("Get-DispatchTask -Name 'two w", "'two words'")]
    [InlineData("Get-DispatchTask -Name one, t", "'two words'")]
    [InlineData("Get-DispatchTask -Name q", "'quo''ted'")]
    [InlineData("Get-DispatchTask -Name a", "'a`[1`]'")]
    [InlineData("Get-DispatchTask -Name a[", "'a`[1`]'")]
    [InlineData("Receive-DispatchTask -Name O", "one,oneMore")]
    [InlineData("Wait-DispatchTask -Name ", "still-here")]
    [InlineData("Stop-DispatchTask -Name ", "still-here")]
    [InlineData("Get-DispatchTask -Dispatcher e -Name ", "elsewhere")]
    [InlineData("Get-DispatchTask -Dispatcher $e -Name ", "elsewhere")]
    [InlineData("Get-DispatchTask -Dispatcher d -Name e", "")]
    public void Names_of_tasks(string text, string expected)
    {
        Gate gate = SendTasks();
        Assert.Equal(expected.Split(',', StringSplitOptions.RemoveEmptyEntries), Complete(text).Select(result => result.CompletionText).Order(StringComparer.Ordinal));
        gate.Open();
    }

    [Fact]
    public void Ids_of_tasks()
    {
        Gate gate = SendTasks();
        string[] all = [.. _session.Text("(Get-DispatchTask -Dispatcher d).Id")];
        string[] open = [.. _session.Text("(Get-DispatchTask -Dispatcher d -State Running).Id")];
        Assert.Equal(all.Order(StringComparer.Ordinal), Complete("Get-DispatchTask -Dispatcher d -Id ").Select(result => result.CompletionText).Order(StringComparer.Ordinal));
        CompletionResult running = Assert.Single(Complete("Stop-DispatchTask -Dispatcher d -Id "));
        Assert.Equal(Assert.Single(open), running.CompletionText);
        Assert.StartsWith("still-here, Running", running.ToolTip, StringComparison.Ordinal);
        Assert.Equal(running.CompletionText, Complete("Get-DispatchTask -Dispatcher d -Id ")[0].CompletionText);
        gate.Open();
    }

    [Fact]
    public void A_name_of_several_tasks_is_offered_once()
    {
        _session.Run("$null = 1..3 | Send-DispatchTask { } -Name same | Wait-DispatchTask");
        CompletionResult result = Assert.Single(Complete("Get-DispatchTask -Name s"));
        Assert.Equal("same", result.CompletionText);
        Assert.Equal("3 tasks: 3 Completed", result.ToolTip);
    }

    [Fact]
    public void A_failed_task_says_why()
    {
        _session.Run("$null = Send-DispatchTask { throw 'the reason' } -Name failing | Wait-DispatchTask");
        Assert.EndsWith(": the reason", Assert.Single(Complete("Get-DispatchTask -Name f")).ToolTip, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Get-Dispatcher a", "'a`[1`]'")]
    [InlineData("Get-DispatchTask -Dispatcher a", "'a[1]'")]
    [InlineData("Get-Dispatcher m", "my-pool")]
    [InlineData("Get-Dispatcher *pool", "my-pool")]
    public void Names_of_dispatchers_as_the_parameter_reads_them(string text, string expected)
    {
        _session.Run("$null = New-Dispatcher 'a[1]'; $null = New-Dispatcher my-pool");
        CompletionResult result = Assert.Single(Complete(text));
        Assert.Equal(expected, result.CompletionText);
        Assert.Contains(": Stopped, 0 of ", result.ToolTip, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("New-Dispatcher -Function Get-Own", "Get-OwnThing")]
    [InlineData("Invoke-DispatchTask -Function Get-Own", "Get-OwnThing")]
    [InlineData("New-Dispatcher -Variable ownV", "ownVariable")]
    [InlineData("Invoke-DispatchTask -Variable ownV", "ownVariable")]
    [InlineData("Get-DispatchTask -State Co", "Completed")]
    [InlineData("Get-DispatchTask -State Failed, Ti", "TimedOut")]
    [InlineData("New-Dispatcher -QueueFullMode R", "Reject")]
    public void What_the_session_has(string text, string expected)
    {
        _session.Run("function global:Get-OwnThing { }; $ownVariable = 1");
        Assert.Equal([expected], Complete(text).Select(result => result.CompletionText));
    }

    [UnixFact]
    public void Programs_by_their_name() => Assert.Contains(Complete("Send-DispatchTask -FilePath env"), result => result.CompletionText == "env");

    private Gate SendTasks()
    {
        Gate gate = _session.AddGate();
        _session.Run("""
            $null = 'one', 'oneMore', 'two words', 'quo''ted', 'a[1]' | & { process { Send-DispatchTask { } -Name $_ } } | Wait-DispatchTask
            $null = Send-DispatchTask { ($using:gate).Pass() } -Name still-here
            $e = New-Dispatcher e
            Start-Dispatcher e
            $null = Send-DispatchTask { } -Name elsewhere -Dispatcher e | Wait-DispatchTask
            """);
        gate.WaitForArrivals();
        return gate;
    }

    private IReadOnlyList<CompletionResult> Complete(string text)
    {
        _session["text"] = text;
        return [.. _session.Run("[System.Management.Automation.CommandCompletion]::CompleteInput($text, $text.Length, $null).CompletionMatches").Cast<CompletionResult>()];
    }
}
