using System;
using System.Management.Automation;
using Xunit;

namespace Dispatching.PowerShell.Tests;

/// <summary>What a script finds in a catch, and the ids it finds there.</summary>
public sealed class FailureTests : IDisposable
{
    private readonly Session _session = new();

    public void Dispose() => _session.Dispose();

    [Theory]
    [InlineData("{ if ($_ -eq 4) { throw 'bad' } }")]
    [InlineData("{ if ($_ -eq 4) { [int]::Parse('x') } }")]
    [InlineData("{ if ($_ -eq 4) { Write-Error bad } }")]
    [InlineData("{ if ($_ -eq 4) { Get-Item ./no-such-item -ErrorAction Stop } }")]
    [InlineData("{ if ($_ -eq 4) { exit 3 } }")]
    [InlineData("{ if ($_ -eq 4) { throw $using:exception } }")]
    [InlineData("{ if ($_ -eq 4) { Invoke-DispatchTask { throw 'inner' } -ErrorAction Stop } }")]
    public void In_a_catch_the_task_is_at_hand(string block)
    {
        Assert.Equal(
            ["4", "True", "work"],
            _session.Text("$exception = [Exception]::new('own'); try { 1..5 | Invoke-DispatchTask " + block + " -Name work -MaxWorkers 1 -ErrorAction Stop } catch { $d = $_.Exception.Data; $d['DispatchTask'].InputObject; $d['DispatchTask'].Id -eq $d['DispatchTaskId']; $d['DispatchTaskName'] }"));
    }

    [UnixFact]
    public void So_it_is_for_executables()
    {
        Assert.Equal(["4"], _session.Text("try { 4 | Invoke-DispatchTask -FilePath sh -ArgumentList '-c', 'exit 3' -ErrorAction Stop } catch { $_.Exception.Data['DispatchTask'].InputObject }"));
        Assert.Equal(["4"], _session.Text("try { 4 | Invoke-DispatchTask -FilePath sleep -ArgumentList 50 -Timeout 0.1 -ErrorAction Stop } catch { $_.Exception.Data['DispatchTask'].InputObject }"));
    }

    [Fact]
    public void NET_Framework_takes_it_too()
    {
        // There, a value in the Data of an exception must be of a type that can be serialized.
        _session.StartDispatcher();
        Assert.Equal(["True"], _session.Text("(Send-DispatchTask { 1 }).GetType().IsSerializable"));
    }

    [Theory]
    [InlineData("throw 'bad'")]
    [InlineData("Get-Item ./no-such-item -ErrorAction Stop")]
    [InlineData("try { throw 'inner' } catch { throw [InvalidOperationException]::new('outer', $_.Exception) }")]
    [InlineData("Write-Error -ErrorRecord $(try { throw 'bad' } catch { $_ })")]
    [InlineData("[int]::Parse('x')")]
    public void A_failed_task_becomes_JSON(string body)
    {
        _session.StartDispatcher();
        _session.Run("$t = Send-DispatchTask { " + body + " } | Wait-DispatchTask");
        foreach (string look in new[] { "$t", "$null = $t.Error; $t", "$null = $t | Receive-DispatchTask -Keep -ErrorAction Ignore; $t", "$t.Error[0]", "$t.Error[0].Exception" })
        {
            Assert.Equal(["True"], _session.Text("$r = $(" + look + ") | ConvertTo-Json -Depth 3 -ErrorAction Stop -WarningAction Ignore; $r.Length -gt 100"));
        }
    }

    [Theory]
    [InlineData("Invoke-DispatchTask { $using:nowhere }", "UsingVariableIsUndefined", typeof(RuntimeException))]
    [InlineData("Invoke-DispatchTask { 1 } -InitializationScript { $using:nowhere }", "UsingVariableIsUndefined", typeof(RuntimeException))]
    [InlineData("Invoke-DispatchTask { 1 } -Function nowhere", "CommandNotFoundException", typeof(CommandNotFoundException))]
    [InlineData("New-Dispatcher -Function nowhere", "CommandNotFoundException", typeof(CommandNotFoundException))]
    [InlineData("Invoke-DispatchTask { nowhere }", "CommandNotFoundException", typeof(CommandNotFoundException))]
    [InlineData("Invoke-DispatchTask { 1 } -Module ./nowhere.psm1", "Modules_ModuleNotFound", typeof(System.IO.FileNotFoundException))]
    [InlineData("Invoke-DispatchTask { 1 } -Module nowhere", "Modules_ModuleNotFound", typeof(System.IO.FileNotFoundException))]
    [InlineData("Invoke-DispatchTask { Import-Module nowhere -ErrorAction Stop }", "Modules_ModuleNotFound", typeof(System.IO.FileNotFoundException))]
    [InlineData("Invoke-DispatchTask { 1 } -Variable nowhere", "VariableNotFound", typeof(ItemNotFoundException))]
    public void What_is_missing_has_the_id_and_the_type_of_the_engine(string script, string id, Type type)
    {
        Assert.Equal(
            [id, type.FullName!, "True"],
            _session.Text("try { " + script + " -ErrorAction Stop } catch { ($_.FullyQualifiedErrorId -split ',')[0]; $_.Exception.GetType().FullName; \"$_\" -like '*nowhere*' }"));
    }

    [UnixFact]
    public void A_record_without_a_command_keeps_its_id_and_its_activity()
    {
        const string Exit = "{ $PSNativeCommandUseErrorActionPreference = $true; sh -c 'exit 3' }";
        foreach (string how in new[] { "& " + Exit + " 2>$null", "Invoke-DispatchTask " + Exit, "Send-DispatchTask " + Exit + " -Dispatcher d | Receive-DispatchTask -Wait" })
        {
            _session.Run("if (-not (Get-Dispatcher d -ErrorAction Ignore)) { New-Dispatcher d | Start-Dispatcher }");
            Assert.Equal(
                ["ProgramExitedWithNonZeroCode", "<>", "NativeCommandExitException"],
                _session.Text(how + " -ErrorVariable e -ErrorAction SilentlyContinue; $e[-1].FullyQualifiedErrorId; \"<$($e[-1].CategoryInfo.Activity)>\"; $e[-1].CategoryInfo.Reason".Replace(
                    how.StartsWith('&') ? " -ErrorVariable e -ErrorAction SilentlyContinue" : "\0", how.StartsWith('&') ? "; $e = $Error[0]" : string.Empty, StringComparison.Ordinal)));
        }
    }

    [Fact]
    public void A_record_made_by_hand_keeps_its_id_in_a_catch()
    {
        Assert.Equal(
            ["Own"],
            _session.Text("""
                $r = [Management.Automation.ErrorRecord]::new([Exception]::new('x'), 'Own', 'NotSpecified', $null)
                try { Invoke-DispatchTask { throw $using:r } -ErrorAction Stop } catch { $_.FullyQualifiedErrorId }
                """));
    }

    [Fact]
    public void A_job_shows_the_text_of_the_block_as_its_command()
    {
        _session.StartDispatcher();
        Assert.Equal(
            [" 'a' ", " 'b' ", "dotnet"],
            _session.Text("$j = @(Invoke-DispatchTask { 'a' } -AsJob) + @(Send-DispatchTask { 'b' } -AsJob) + @(Invoke-DispatchTask -FilePath dotnet -ArgumentList '--version' -AsJob); $j.Command; $null = $j | Wait-Job"));
    }
}
