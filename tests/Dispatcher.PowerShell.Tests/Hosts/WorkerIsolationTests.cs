using System;
using System.Linq;
using System.Management.Automation;
using Xunit;

namespace Dispatching.PowerShell.Tests;

/// <summary>What one task does to its worker's thread and session does not meet the next task.</summary>
public sealed class WorkerIsolationTests : IDisposable
{
    private const string Now = "\"$(1.5.ToString())/$([cultureinfo]::CurrentCulture)/$([cultureinfo]::CurrentUICulture)/$(Get-Culture)/$(Get-UICulture)/$PSCulture\"";

    private readonly Session _session = new();

    public void Dispose() => _session.Dispose();

    [Theory]
    [InlineData("[runspace]::DefaultRunspace = $null", "$null -eq [runspace]::DefaultRunspace", "False")]
    [InlineData("[cultureinfo]::CurrentCulture = 'de-DE'", "$(1.5.ToString([cultureinfo]::CurrentCulture))", "1.5")]
    [InlineData("$c = [cultureinfo]::CurrentCulture.Clone(); $c.NumberFormat.NumberDecimalSeparator = ';'; [cultureinfo]::CurrentCulture = $c", "$(1.5.ToString([cultureinfo]::CurrentCulture))", "1.5")]
    [InlineData("[cultureinfo]::CurrentUICulture = 'de-DE'", "[cultureinfo]::CurrentUICulture.Name -eq 'de-DE'", "False")]
    [InlineData("[Threading.Thread]::CurrentThread.CurrentCulture = 'de-DE'", "$(1.5.ToString([cultureinfo]::CurrentCulture))", "1.5")]
    [InlineData("[Threading.Thread]::CurrentThread.Priority = 'Lowest'", "[Threading.Thread]::CurrentThread.Priority", "Normal")]
    [InlineData("[Threading.Thread]::CurrentThread.IsBackground = $false", "[Threading.Thread]::CurrentThread.IsBackground", "True")]
    [InlineData("[Threading.Thread]::CurrentPrincipal = [Security.Principal.GenericPrincipal]::new([Security.Principal.GenericIdentity]::new('other'), @())", "\"<$([Threading.Thread]::CurrentPrincipal.Identity.Name)>\"", "<>")]
    [InlineData("[Threading.SynchronizationContext]::SetSynchronizationContext([Threading.SynchronizationContext]::new())", "$null -eq [Threading.SynchronizationContext]::Current", "True")]
    [InlineData("$null = Register-EngineEvent one -Action { }", "@(Get-EventSubscriber).Count", "0")]
    [InlineData("$null = Register-ObjectEvent ([Timers.Timer]::new()) Elapsed", "@(Get-EventSubscriber).Count", "0")]
    [InlineData("$null = New-Event one; $null = New-Event two", "@(Get-Event).Count", "0")]
    [InlineData("$null = Set-PSBreakpoint -Command Get-Date -Action { }", "@(Get-PSBreakpoint).Count", "0")]
    [InlineData("Set-PSDebug -Trace 1", "[runspace]::DefaultRunspace.Debugger.IsActive", "False")]
    [InlineData("Set-PSDebug -Strict", "Invoke-Expression 'try { $n = $nowhere; 1 } catch { 2 }'", "1")]
    [InlineData("[Threading.Thread]::CurrentThread.Name = 'other'", "[Threading.Thread]::CurrentThread.Name -eq 'other'", "False")]
    [InlineData("$PSDefaultParameterValues['Get-Date:Year'] = 1990", "$PSDefaultParameterValues.Count", "0")]
    [InlineData("$global:PSDefaultParameterValues = @{ 'Get-Date:Year' = 1990 }", "$PSDefaultParameterValues.Count", "0")]
    [InlineData("$ExecutionContext.InvokeCommand.CommandNotFoundAction = { }", "$null -eq $ExecutionContext.InvokeCommand.CommandNotFoundAction", "True")]
    [InlineData("$ExecutionContext.InvokeCommand.PreCommandLookupAction = { }", "$null -eq $ExecutionContext.InvokeCommand.PreCommandLookupAction", "True")]
    [InlineData("$ExecutionContext.InvokeCommand.PostCommandLookupAction = { }", "$null -eq $ExecutionContext.InvokeCommand.PostCommandLookupAction", "True")]
    [InlineData("Push-Location ..; Push-Location ..", "(Get-Location -Stack).Count", "0")]
    [InlineData("$ExecutionContext.SessionState.LanguageMode = 'ConstrainedLanguage'", "$ExecutionContext.SessionState.LanguageMode", "FullLanguage")]
    public void It_is_put_back(string change, string look, string expected)
    {
        _session.Run("[cultureinfo]::CurrentCulture = [cultureinfo]::InvariantCulture");
        _session.StartDispatcher("-MaxWorkers 1");
        foreach (string end in new[] { string.Empty, "; throw 'broken'", "; exit 3", "; break" })
        {
            _session.Invoke("$null = Send-DispatchTask { " + change + end + " } | Wait-DispatchTask");
            Assert.Equal([expected], _session.Text("Send-DispatchTask { \"$(" + look + ")\" } | Receive-DispatchTask -Wait"));
        }
    }

    [Fact]
    public void It_is_put_back_after_a_task_that_was_stopped()
    {
        Gate gate = _session.AddGate();
        _session.StartDispatcher("-MaxWorkers 1");
        _session.Run("$t = Send-DispatchTask { $null = Register-EngineEvent one; [Threading.Thread]::CurrentThread.Priority = 'Lowest'; ($using:gate).Arrive(); while ($true) { } }");
        gate.WaitForArrivals();
        Assert.Equal(
            ["Stopped", "0 Normal"],
            _session.Text("Stop-DispatchTask $t; ($t | Wait-DispatchTask).State; Send-DispatchTask { \"$(@(Get-EventSubscriber).Count) $([Threading.Thread]::CurrentThread.Priority)\" } | Receive-DispatchTask -Wait"));
    }

    [Fact]
    public void What_the_initialization_has_set_up_stays()
    {
        _session.StartDispatcher("-MaxWorkers 1 -InitializationScript { $PSDefaultParameterValues['Get-Date:Year'] = 1990; $null = Register-EngineEvent own -Action { }; $ExecutionContext.InvokeCommand.CommandNotFoundAction = { } }");
        string[] changes =
        [
            "1", "$PSDefaultParameterValues.Clear()", "$PSDefaultParameterValues['Get-Date:Year'] = 2000", "$PSDefaultParameterValues['a:b'] = 2000", "$global:PSDefaultParameterValues = @{}",
            "Remove-Variable PSDefaultParameterValues -Scope Global -Force", "$null = Register-EngineEvent other -Action { }", "$ExecutionContext.InvokeCommand.CommandNotFoundAction = $null",
        ];
        foreach (string change in changes)
        {
            Assert.Equal(
                ["1990 own True"],
                _session.Text("$null = Send-DispatchTask { " + change + " } | Wait-DispatchTask; Send-DispatchTask { \"$((Get-Date).Year) $((Get-EventSubscriber).SourceIdentifier) $($null -ne $ExecutionContext.InvokeCommand.CommandNotFoundAction)\" } | Receive-DispatchTask -Wait"));
        }
    }

    [Fact]
    public void Values_that_flow_with_asynchronous_calls_end_with_the_task()
    {
        if (!string.Equals(StagedModule.Build, "net8.0", StringComparison.Ordinal))
        {
            return; // .NET Standard has no way to that.
        }

        _session["flows"] = new System.Threading.AsyncLocal<object?>();
        _session.StartDispatcher("-MaxWorkers 1");
        Assert.Equal(["<>"], _session.Text("$null = Send-DispatchTask { ($using:flows).Value = 'left' } | Wait-DispatchTask; Send-DispatchTask { \"<$(($using:flows).Value)>\" } | Receive-DispatchTask -Wait"));
    }

    [Fact]
    public void Tasks_run_in_the_culture_of_the_session_when_they_were_sent()
    {
        _session.StartDispatcher("-MaxWorkers 1");
        foreach (string culture in new[] { "de-DE", "fr-FR", "en-US", "de-DE" })
        {
            string set = "[cultureinfo]::CurrentCulture = '" + culture + "'; [cultureinfo]::CurrentUICulture = '" + culture + "'; ";
            string expected = Assert.Single(_session.Text(set + "1.5.ToString()")) + "/" + string.Join('/', Enumerable.Repeat(culture, 5));
            Assert.Equal([expected], _session.Text(set + "Send-DispatchTask { " + Now + " } | Receive-DispatchTask -Wait"));
            Assert.Equal([expected], _session.Text(set + "Invoke-DispatchTask { Invoke-DispatchTask { " + Now + " } }"));
            Assert.Equal([expected], _session.Text(set + "Invoke-DispatchTask { $at } -InitializationScript { $at = " + Now + " }"));
        }
    }
}
