using System;
using System.Management.Automation;
using Xunit;

namespace Dispatching.PowerShell.Tests;

/// <summary>A constrained session gains no rights by what it sends.</summary>
public sealed class LanguageModeTests : IDisposable
{
    private readonly Session _constrained = new(PSLanguageMode.ConstrainedLanguage);

    public void Dispose() => _constrained.Dispose();

    [Fact]
    public void Its_tasks_run_constrained()
    {
        _constrained.StartDispatcher();
        Assert.Equal(["ConstrainedLanguage"], _constrained.Text("Send-DispatchTask { \"$($ExecutionContext.SessionState.LanguageMode)\" } | Receive-DispatchTask -Wait"));
        Assert.Equal(["6", "3"], _constrained.Text("$v = 2; 3 | Send-DispatchTask { param($a) $_ * $using:v } -ArgumentList 1 | Receive-DispatchTask -Wait; (1..3 | Send-DispatchTask { $_ } | Wait-DispatchTask).Count"));
    }

    [Theory]
    [InlineData("[System.IO.File]::Exists('/')")]
    [InlineData("[System.Threading.Thread]::Sleep(1)")]
    [InlineData("$ExecutionContext.SessionState.LanguageMode = 'FullLanguage'; [System.IO.File]::Exists('/')")]
    [InlineData("& { [System.IO.File]::Exists('/') }")]
    [InlineData("function f { [System.IO.File]::Exists('/') }; f")]
    [InlineData("1 | & { process { [System.IO.File]::Exists('/') } }")]
    [InlineData("& ([scriptblock]::Create(\"[System.IO.File]::Exists('/')\"))")]
    [InlineData("[System.IO.FileInfo]::new('/').Exists")]
    [InlineData("class C { static [bool] Get() { return [System.IO.File]::Exists('/') } }; [C]::Get()")]
    [InlineData("$n = New-Dispatcher inner; Start-Dispatcher inner; Send-DispatchTask { [System.IO.File]::Exists('/') } -Dispatcher inner | Receive-DispatchTask -Wait")]
    public void What_it_may_not_do_its_tasks_may_not_either(string body)
    {
        _constrained.StartDispatcher();
        foreach (string command in new[] { "& { " + body + " }", "Send-DispatchTask { " + body + " } | Receive-DispatchTask -Wait" })
        {
            Invocation invocation = _constrained.Invoke(command);
            Assert.DoesNotContain("True", invocation.Text);
            Assert.DoesNotContain("False", invocation.Text);
            Assert.True(invocation.Terminated is not null || invocation.Errors.Count > 0, command);
        }
    }

    [Theory]
    [InlineData("Invoke-DispatchTask $block")]
    [InlineData("Invoke-DispatchTask { & $using:block }")]
    [InlineData("$block | Invoke-DispatchTask { & $_ }")]
    [InlineData("Invoke-DispatchTask { param($b) & $b } -ArgumentList $block")]
    [InlineData("Invoke-DispatchTask { & $block } -Variable block")]
    public void Its_blocks_gain_nothing_in_the_hands_of_a_session_with_more_rights(string use)
    {
        object? block = _constrained.One("{ [System.IO.File]::Exists('/') }");
        using var full = new Session();
        full["block"] = block;
        Invocation invocation = full.Invoke(use);
        Assert.Empty(invocation.Text);
        Assert.True(invocation.Terminated is not null || invocation.Errors.Count > 0, use);
    }

    [Theory]
    [InlineData("Send-DispatchTask { 1 } -Dispatcher $full")]
    [InlineData("1..2 | Send-DispatchTask { 1 } -Dispatcher $full")]
    [InlineData("Send-DispatchTask ${function:f} -Dispatcher $full")]
    public void It_cannot_send_blocks_to_a_dispatcher_with_more_rights(string send)
    {
        using var full = new Session();
        _constrained["full"] = full.StartDispatcher()["d"];
        ErrorRecord error = _constrained.Fail("function f { 1 }; " + send);
        Assert.StartsWith("LanguageModeMismatch,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.PermissionDenied, error.CategoryInfo.Category);
        Assert.Equal(["0"], full.Text("$d.Statistics.Sent"));
    }

    [Fact]
    public void A_full_session_may_send_to_a_constrained_dispatcher_and_its_blocks_run_constrained()
    {
        using var full = new Session();
        full["constrained"] = _constrained.StartDispatcher()["d"];
        Assert.Equal(["ConstrainedLanguage"], full.Text("Send-DispatchTask { \"$($ExecutionContext.SessionState.LanguageMode)\" } -Dispatcher $constrained | Receive-DispatchTask -Wait"));
    }

    [Fact]
    public void What_the_cmdlet_evaluates_for_it_is_constrained_too()
    {
        _constrained.StartDispatcher();
        Invocation invocation = _constrained.Invoke("Send-DispatchTask -FilePath echo -ArgumentList { [System.IO.File]::Exists('/') } | Receive-DispatchTask -Wait");
        Assert.DoesNotContain("True", invocation.Text);
        Assert.DoesNotContain("False", invocation.Text);
        Assert.Contains("language mode", invocation.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Executables_can_be_sent()
    {
        _constrained.StartDispatcher();
        Assert.Equal(["hello"], _constrained.Text("Send-DispatchTask -FilePath echo -ArgumentList hello | Receive-DispatchTask -Wait"));
    }
}
