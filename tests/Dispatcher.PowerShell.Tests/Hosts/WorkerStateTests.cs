using System;
using System.Linq;
using System.Management.Automation;
using Xunit;

namespace Dispatching.PowerShell.Tests;

/// <summary>What one task leaves to the next on the same worker, and what it does not.</summary>
public sealed class WorkerStateTests : IDisposable
{
    private readonly Session _session = new();

    public void Dispose() => _session.Dispose();

    [Theory]
    [InlineData("$v = 1", "$null -eq $v", "True")]
    [InlineData("$PSBoundParameters['v'] = 1", "$PSBoundParameters.Count", "0")]
    [InlineData("function f { 1 }", "[bool](Get-Command f -ErrorAction Ignore)", "False")]
    [InlineData("1 / $null", "$Error.Count", "0")]
    [InlineData("throw 'broken'", "$Error.Count", "0")]
    [InlineData("$global:LASTEXITCODE = 7", "\"[$LASTEXITCODE]\"", "[]")]
    [InlineData("$ExecutionContext.SessionState.Path.SetLocation('/')", "$PWD.Path -eq $start", "True")]
    [InlineData("$ErrorActionPreference = 'Stop'", "$ErrorActionPreference", "Continue")]
    [InlineData("$VerbosePreference = 'Continue'", "$VerbosePreference", "SilentlyContinue")]
    [InlineData("$args[0] = 1", "$args.Count", "0")]
    [InlineData("$_ = 'other'", "\"[$_]\"", "[2]")]
    public void It_does_not_reach_the_next_task(string first, string second, string expected)
    {
        _session.StartDispatcher("-MaxWorkers 1 -Variable @{ start = $PWD.Path }");
        Assert.Equal(expected, Assert.Single(_session.Text(
            "$null = 1 | Send-DispatchTask {" + first + "} | Wait-DispatchTask; 2 | Send-DispatchTask {" + second + "} | Receive-DispatchTask -Wait")));
    }

    [Theory]
    [InlineData("$global:v = 'stays'", "$global:v")]
    [InlineData("$script:v = 'stays'", "$script:v")]
    [InlineData("function global:f { 'stays' }", "f")]
    public void It_stays_with_the_worker(string first, string second)
    {
        _session.StartDispatcher("-MaxWorkers 1");
        Assert.Equal("stays", Assert.Single(_session.Text("$null = Send-DispatchTask {" + first + "} | Wait-DispatchTask; Send-DispatchTask {" + second + "} | Receive-DispatchTask -Wait")));
    }

    [Fact]
    public void ResetState_resets_globals_and_keeps_what_workers_are_made_with()
    {
        Assert.Equal(
            ["1:[]:given:f", "2:[]:given:f", "3:[]:given:f"],
            _session.Text("function f { 'f' }; 1..3 | Invoke-DispatchTask { \"${_}:[$global:left]:${given}:$(f)\"; $global:left = $_; $global:given = 'changed' } -ResetState -MaxWorkers 1 -Ordered -Variable @{ given = 'given' } -Function f"));
        Assert.Equal(
            ["block", "block", "block"],
            _session.Text("1..3 | Invoke-DispatchTask { & $given; $global:given = { 'changed' } } -ResetState -MaxWorkers 1 -Variable @{ given = { 'block' } }"));
    }

    [Fact]
    public void ResetState_keeps_the_worker_and_its_language_mode()
    {
        using var session = new Session(PSLanguageMode.ConstrainedLanguage);
        Assert.Equal(
            Enumerable.Repeat("ConstrainedLanguage", 3),
            session.Text("1..3 | Invoke-DispatchTask { \"$($ExecutionContext.SessionState.LanguageMode)\" } -ResetState -MaxWorkers 1"));
        Assert.Equal(
            ["1"],
            _session.Text("1..3 | Invoke-DispatchTask { [runspace]::DefaultRunspace.Id } -ResetState -MaxWorkers 1 | & { begin { $s = @{} } process { $s[$_] = 1 } end { $s.Count } }"));
    }

    [Theory]
    [InlineData(1, 6)]
    [InlineData(2, 3)]
    [InlineData(6, 1)]
    public void MaxTasksPerWorker_replaces_the_worker(int most, int workers)
    {
        Assert.Equal(
            [workers + ":6"],
            _session.Text("1..6 | Invoke-DispatchTask { [runspace]::DefaultRunspace.Id } -MaxWorkers 1 -MaxTasksPerWorker " + most + " | & { begin { $s = @{}; $n = 0 } process { $s[$_] = 1; $n++ } end { \"$($s.Count):$n\" } }"));
    }

    [Fact]
    public void A_replaced_worker_is_set_up_and_cleaned_up_like_any()
    {
        Gate begun = _session.AddGate("begun");
        Gate ended = _session.AddGate("ended");
        Assert.Equal(
            Enumerable.Repeat("made", 4),
            _session.Text("1..4 | Invoke-DispatchTask { $made } -MaxWorkers 1 -MaxTasksPerWorker 2 -InitializationScript { $made = 'made'; ($using:begun).Arrive() } -CleanupScript { ($using:ended).Arrive() }"));
        Assert.Equal((2, 2), (begun.Count, ended.Count));
    }

    [Fact]
    public void Inner_preferences_are_the_defaults_whatever_the_caller_s_are()
    {
        const string Show = "\"$ErrorActionPreference $WarningPreference $VerbosePreference $DebugPreference $InformationPreference\"";
        const string Defaults = "Continue Continue SilentlyContinue SilentlyContinue SilentlyContinue";
        Assert.Equal(
            [Defaults, Defaults],
            _session.Text("$ErrorActionPreference = 'Stop'; $VerbosePreference = $DebugPreference = $InformationPreference = 'Continue'; 1..2 | Invoke-DispatchTask { " + Show + " } -MaxWorkers 1 -WarningAction SilentlyContinue"));
    }

    [Fact]
    public void Variable_sets_them()
    {
        Invocation invocation = _session.Invoke("Invoke-DispatchTask { 1 / $null; 'not reached' } -Variable @{ ErrorActionPreference = 'Stop' }; 'next'");
        Assert.Equal(["next"], invocation.Text);
        Assert.Contains("divide by zero", invocation.Error.Exception.Message, StringComparison.Ordinal);
        Assert.Equal(["Continue", "Continue"], _session.Text("$VerbosePreference = 'Continue'; 1..2 | Invoke-DispatchTask { \"$VerbosePreference\" } -Variable VerbosePreference -MaxWorkers 1"));
        Assert.Equal("shown", Assert.Single(_session.Invoke(
            "Invoke-DispatchTask { [CmdletBinding()] param() $PSCmdlet.WriteVerbose('shown') } -Variable @{ VerbosePreference = 'Continue' } -Verbose").Streams.Verbose, one => one.Message == "shown").Message);
    }
}
