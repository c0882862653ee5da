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
    [InlineData("Invoke-DispatchTask { f } -Function f")]
    [InlineData("Invoke-DispatchTask { 1 | l } -Function l")]
    [InlineData("Invoke-DispatchTask { named } -Function named")]
    [InlineData("Invoke-DispatchTask { block } -Function block")]
    [InlineData("Invoke-DispatchTask { f } -Function *")]
    [InlineData("Invoke-DispatchTask ${function:f}")]
    [InlineData("1 | Invoke-DispatchTask ${function:l}")]
    [InlineData("Invoke-DispatchTask ${function:named}")]
    [InlineData("Invoke-DispatchTask { param($p = [System.IO.File]::Exists('/')) $p }")]
    [InlineData("Invoke-DispatchTask { & $b } -Variable b")]
    [InlineData("Invoke-DispatchTask { & $c } -Variable @{ c = $b }")]
    [InlineData("Invoke-DispatchTask { & $using:b }")]
    [InlineData("$b | Invoke-DispatchTask { & $_ }")]
    [InlineData("Invoke-DispatchTask { & $args[0] } -ArgumentList $b")]
    [InlineData("Invoke-DispatchTask { param($p) & $p } -Parameter @{ p = $b }")]
    [InlineData("Invoke-DispatchTask { & $made } -InitializationScript { $made = { [System.IO.File]::Exists('/') } }")]
    [InlineData("Invoke-DispatchTask { made } -InitializationScript { function made { [System.IO.File]::Exists('/') } }")]
    [InlineData("Invoke-DispatchTask -FilePath echo -ArgumentList { [System.IO.File]::Exists('/') }")]
    [InlineData("Invoke-DispatchTask -FilePath cat -StandardInput { [System.IO.File]::Exists('/') }")]
    [InlineData("Invoke-DispatchTask -FilePath echo -ArgumentList 1 -OutputFile { [System.IO.File]::Exists('/') }")]
    public void No_way_into_a_worker_gives_its_blocks_more_rights(string use)
    {
        _constrained.Run("function f { [System.IO.File]::Exists('/') }; filter l { [System.IO.File]::Exists('/') }; function named($p = [System.IO.File]::Exists('/')) { $p }; function block { param($p = [System.IO.File]::Exists('/')) $p }; $b = { [System.IO.File]::Exists('/') }");
        Invocation invocation = _constrained.Invoke(use);
        Assert.DoesNotContain("True", invocation.Text);
        Assert.DoesNotContain("False", invocation.Text);
        Assert.True(invocation.Terminated is not null || invocation.Errors.Count > 0, use);
    }

    [Fact]
    public void Nor_do_its_setup_scripts_and_modules_gain_any()
    {
        string folder = System.IO.Directory.CreateTempSubdirectory("dispatcher-mode-").FullName;
        string module = System.IO.Path.Combine(folder, "M.psm1");
        System.IO.File.WriteAllText(module, "function Get-It { [System.IO.File]::Exists('/') }");
        Assert.Equal(["<>"], _constrained.Text("Invoke-DispatchTask { \"<$made>\" } -InitializationScript { $made = [System.IO.File]::Exists('/') }"));
        using var full = new Session();
        full["seen"] = new System.Collections.Concurrent.ConcurrentBag<object>();
        _constrained["seen"] = full["seen"];
        _constrained.Invoke("$d = New-Dispatcher d -CleanupScript { $seen.Add([System.IO.File]::Exists('/')) } -Variable seen; Start-Dispatcher d; $null = Send-DispatchTask { 1 } | Wait-DispatchTask; Stop-Dispatcher d -Drain; Remove-Dispatcher d");
        Assert.Empty(full.Run("$seen"));
        Invocation invocation = _constrained.Invoke("Invoke-DispatchTask { Get-It } -Module $args[0]", module);
        Assert.Empty(invocation.Text);
        Assert.Single(invocation.Errors);
        System.IO.Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("${function:f} = $block; Invoke-DispatchTask { f } -Function f")]
    [InlineData("${function:f} = $block; New-Dispatcher -Function f")]
    [InlineData("${function:f} = $named; Invoke-DispatchTask { f } -Function f")]
    [InlineData("New-Dispatcher -Variable block")]
    [InlineData("New-Dispatcher -Variable @{ b = $block }")]
    [InlineData("Invoke-DispatchTask $named")]
    [InlineData("Invoke-DispatchTask { & $using:named }")]
    [InlineData("$named | Invoke-DispatchTask { & $_ }")]
    [InlineData("Invoke-DispatchTask { & $args[0] } -ArgumentList $named")]
    [InlineData("Invoke-DispatchTask { param($p) & $p } -Parameter @{ p = $named }")]
    public void What_would_gain_rights_elsewhere_is_refused_with_one_error(string use)
    {
        using var full = new Session();
        full["block"] = _constrained.One("{ [System.IO.File]::Exists('/') }");
        full["named"] = _constrained.One("function named($p = [System.IO.File]::Exists('/')) { $p }; ${function:named}");
        Invocation invocation = full.Invoke(use);
        Assert.Empty(invocation.Text);
        Assert.StartsWith("LanguageModeMismatch", invocation.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.PermissionDenied, invocation.Error.CategoryInfo.Category);
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
