using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;
using Xunit;

namespace Dispatching.PowerShell.Tests;

/// <summary>The journal as the cmdlets give it.</summary>
public sealed class JournalTests : IDisposable
{
    private readonly Session _session = new();
    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    public JournalTests()
    {
        _session.Runspace.SessionStateProxy.Path.SetLocation(_folder);
        _session.Run("$ran = [Collections.Concurrent.ConcurrentBag[object]]::new()");
    }

    public void Dispose()
    {
        _session.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("1..4 | Invoke-DispatchTask { ($using:ran).Add($_); \"of $_\" } -Ordered")]
    [InlineData("1..4 | Invoke-DispatchTask { ($using:ran).Add($_); \"of $_\" } -Ordered -MaxWorkers 1 -Retry 3 -Priority 5 -Group g -GroupLimit 1")]
    [InlineData("1..4 | Invoke-DispatchTask { $ran.Add($_); \"of $_\" } -Serial")]
    [InlineData("1..4 | Invoke-DispatchTask { ($using:ran).Add($_); $_ | ForEach-Object { \"of $_\" } } -BatchSize 3 -Ordered")]
    [InlineData("1..4 | Invoke-DispatchTask { ($using:ran).Add($_); \"of $_\" } -AsJob | Wait-Job | Receive-Job | Sort-Object")]
    public void The_same_command_does_not_run_again_what_is_done_and_gives_all_of_its_output(string command)
    {
        command = command.Replace("Invoke-DispatchTask", "Invoke-DispatchTask -JournalPath j", StringComparison.Ordinal);
        for (int i = 0; i < 2; i++)
        {
            Assert.Equal(["of 1", "of 2", "of 3", "of 4"], _session.Text(command));
        }

        Assert.Equal(command.Contains("BatchSize", StringComparison.Ordinal) ? ["2"] : ["4"], _session.Text("$ran.Count"));
    }

    [Fact]
    public void Executables_are_done_once_too()
    {
        string command = "1..3 | Invoke-DispatchTask -FilePath sh -ArgumentList { '-c', \"echo x >> " + _folder + "/ran; echo out $_; exit 0\" } -JournalPath j -Ordered -MaxWorkers 1";
        Assert.Equal(["out 1", "out 2", "out 3"], _session.Text(command));
        Assert.Equal(["out 1", "out 2", "out 3"], _session.Text(command));
        Assert.Equal(3, File.ReadAllLines(Path.Combine(_folder, "ran")).Length);
    }

    [Fact]
    public void What_failed_is_run_again()
    {
        string command = "1..3 | Invoke-DispatchTask { ($using:ran).Add($_); if ($_ -eq 2 -and ($using:ran).Count -le 3) { throw 'two' }; $_ } -JournalPath j -Ordered -MaxWorkers 1";
        Assert.Equal("two", _session.Invoke(command).Error.Exception.Message);
        Assert.Equal(["1", "2", "3"], _session.Text(command));
        Assert.Equal(["1", "2", "2", "3"], _session.Text("$ran | Sort-Object"));
    }

    [Fact]
    public void Objects_come_back_two_levels_deep()
    {
        string command = "1 | Invoke-DispatchTask { [pscustomobject]@{ Name = 'n'; Inner = [pscustomobject]@{ Value = 5 }; List = 1, 2 }; Get-Item / ; $null; 5; 2.5; 'text'; [guid]::Empty; , @(1, 2) } -JournalPath j";
        string shape = " | ForEach-Object { if ($null -eq $_) { 'null' } else { $_.GetType().Name + ':' + $(if ($_.Name -eq 'n') { $_.Inner.Value, $_.List.Count -join ',' } elseif ($_.FullName) { $_.FullName } else { $_ -join ',' }) } }";
        string[] expected = ["PSCustomObject:5,2", "DirectoryInfo:/", "null", "Int32:5", "Double:2.5", "String:text", "Guid:00000000-0000-0000-0000-000000000000"];
        Assert.Equal(expected, _session.Text(command + shape).Take(7));
        string[] again = [.. _session.Text(command + shape).Take(7)];
        Assert.Equal([expected[0], "PSObject:/", .. expected[2..]], again);
    }

    [Theory]
    [InlineData("{ \"a $_\" }", "{   \"a $_\"   # comment\n }", true)]
    [InlineData("{ \"a $_\" }", "{\n<# long #>\n\n\"a $_\"\n}", true)]
    [InlineData("{ \"a $_\" }", "{ \"a  $_\" }", false)]
    [InlineData("{ \"a $_\" }", "{ \"b $_\" }", false)]
    [InlineData("{ $_ -f 1 }", "{ $_ -F 1 }", false)]
    [InlineData("{ Write-Output $_.Substring(0) }", "{ Write-Output $_.Substring (0) }", false)]
    [InlineData("{ Write-Output $_[0] }", "{ Write-Output $_ [0] }", false)]
    [InlineData("{ if ($_) { 1 } }", "{ if($_){1} }", true)]
    [InlineData("{ 1+1 }", "{ 1 + 1 }", true)]
    public void The_text_of_the_block_is_part_of_the_key_and_white_space_is_not(string first, string second, bool isSame)
    {
        _session.Run("$null = 'i' | Invoke-DispatchTask " + first + " -JournalPath j");
        Assert.Equal([isSame.ToString()], _session.Text("('i' | Invoke-DispatchTask " + second + " -JournalPath j -WithTask).DispatchTask.FromJournal | Select-Object -Unique"));
    }

    [Theory]
    [InlineData("'a'", "'b'")]
    [InlineData("'A'", "'a'")]
    [InlineData("1", "2")]
    [InlineData("1", "'1'")]
    [InlineData("1.5", "1.25")]
    [InlineData("[datetime]'2020-01-01'", "[datetime]'2020-01-02'")]
    [InlineData("[guid]::Empty", "[guid]'00000000-0000-0000-0000-000000000001'")]
    [InlineData("[uri]'http://a'", "[uri]'http://b'")]
    [InlineData("[DayOfWeek]'Monday'", "[DayOfWeek]'Friday'")]
    [InlineData("(Get-Item /)", "(Get-Item /tmp)")]
    [InlineData("@{ a = 1; b = 2 }", "@{ a = 1; b = 3 }")]
    [InlineData("[pscustomobject]@{ a = 'x' }", "[pscustomobject]@{ a = 'y' }")]
    [InlineData("[pscustomobject]@{ a = 'x'; b = '' }", "[pscustomobject]@{ a = ''; b = 'x' }")]
    [InlineData("[pscustomobject]@{ a = @{ b = 1, 2 } }", "[pscustomobject]@{ a = @{ b = 1, 3 } }")]
    [InlineData("$null", "''")]
    [InlineData("[char]'a'", "'a'")]
    [InlineData("5", "5L")]
    [InlineData("[float]0.5", "0.5")]
    [InlineData("@{ a = [int[]](1, 2) }", "@{ a = [long[]](1, 2) }")]
    [InlineData("[ordered]@{ a = 1; b = 2 }", "[ordered]@{ b = 2; a = 1 }")]
    [InlineData("[string][char]0xD800", "[string][char]0xD801")]
    [InlineData("[string][char]0xD800", "[string][char]0xFFFD")]
    public void Different_items_have_different_keys_and_equal_ones_the_same(string item, string other)
    {
        string command = " | Invoke-DispatchTask { 'x' } -JournalPath j -WithTask).DispatchTask.FromJournal";
        Assert.Equal(["False"], _session.Text("(" + item + command));
        Assert.Equal(["True"], _session.Text("(" + item + command));
        Assert.Equal(["False"], _session.Text("(" + other + command));
    }

    [Theory]
    [InlineData("-ArgumentList 1", "-ArgumentList 2")]
    [InlineData("-ArgumentList a, b", "-ArgumentList 'a b'")]
    [InlineData("-Parameter @{ p = 1 }", "-Parameter @{ p = 2 }")]
    [InlineData("", "-ArgumentList 1")]
    [InlineData("FilePath -StandardInput a", "FilePath -StandardInput b")]
    [InlineData("FilePath -WorkingDirectory /", "FilePath -WorkingDirectory /tmp")]
    [InlineData("FilePath -Environment @{ V = 1 }", "FilePath -Environment @{ V = 2 }")]
    [InlineData("FilePath", "FilePath -Raw")]
    [InlineData("FilePath -OutputFile a", "FilePath -OutputFile b")]
    public void Arguments_are_part_of_the_key(string first, string second)
    {
        bool? Run(string parameters)
        {
            string work = parameters.StartsWith("FilePath", StringComparison.Ordinal) ? "-FilePath cat" + parameters["FilePath".Length..] : "{ param($p) 'x' } " + parameters;
            _session.Run("$d = New-Dispatcher d -JournalPath j; Start-Dispatcher d; $t = 1 | Send-DispatchTask " + work + " -Dispatcher d | Wait-DispatchTask; Remove-Dispatcher d -Force");
            return (_session.One("$t") as DispatchTask)?.FromJournal;
        }

        Assert.Equal([false, true, false], [Run(first), Run(first), Run(second)]);
    }

    [Theory]
    [InlineData("Get-Process -Id $PID")]
    [InlineData("[pscustomobject]@{ a = Get-Process -Id $PID }")]
    [InlineData("@{ a = [Threading.Thread]::CurrentThread }")]
    public void An_item_without_an_exact_text_asks_for_a_key_and_ends_the_call(string item)
    {
        ErrorRecord error = _session.Fail(item + " | Invoke-DispatchTask { ($using:ran).Add(1) } -JournalPath j");
        Assert.StartsWith("KeyRequired", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("-Key", error.Exception.Message, StringComparison.Ordinal);
        Assert.Equal(["0"], _session.Text("$ran.Count"));
    }

    [Theory]
    [InlineData("Get-Process -Id $PID | Invoke-DispatchTask { 'x' } -Key Id", "PID")]
    [InlineData("Get-Process -Id $PID | Invoke-DispatchTask { 'x' } -Key { 'p' + $_.Id }", "pPID")]
    [InlineData("@{ Name = 'n' } | Invoke-DispatchTask { 'x' } -Key Name", "n")]
    [InlineData("Invoke-DispatchTask { 'x' } -Key 'step 1'", "step 1")]
    [InlineData("Invoke-DispatchTask { 'x' } -InputObject 5 -Key 'step 1'", "step 1")]
    [InlineData("'abc' | Invoke-DispatchTask { 'x' } -Key Length", "3")]
    public void A_key_is_a_property_a_text_or_a_block(string command, string key)
    {
        _session.Run(command + " -JournalPath j");
        Assert.Equal([key.Replace("PID", Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal)], _session.Text("(Get-DispatchJournal j).Key"));

        // The key alone decides.
        Assert.Equal(["x"], _session.Text(command.Replace("'x'", "'y'", StringComparison.Ordinal) + " -JournalPath j"));
    }

    [Theory]
    [InlineData("1 | Invoke-DispatchTask { $_ } -JournalPath j -Key Nope", "Nope")]
    [InlineData("1..3 | Invoke-DispatchTask { $_ } -JournalPath j -Key Id -BatchSize 5", "-BatchSize")]
    [InlineData("1 | Invoke-DispatchTask { $_ } -JournalPath ' '", "empty")]
    [InlineData("1 | Invoke-DispatchTask { $_ } -JournalPath j -Key { }", "-Key")]
    [InlineData("1 | Invoke-DispatchTask { $_ } -JournalPath j -Key { throw 'oh' }", "oh")]
    [InlineData("1 | Invoke-DispatchTask { $_ } -Key a", "-JournalPath")]
    [InlineData("1 | Invoke-DispatchTask { $_ } -JournalOutput None", "-JournalPath")]
    [InlineData("1 | Invoke-DispatchTask { $_ } -JournalPath j -JournalOutput None -JournalOutputLimit 1kb", "-JournalOutputLimit")]
    [InlineData("1 | Invoke-DispatchTask { $_ } -JournalPath /dev/null", "not a folder")]
    [InlineData("New-Dispatcher d -JournalPath env:x", "JournalPath")]
    [InlineData("Get-DispatchJournal nope", "no journal")]
    [InlineData("Remove-DispatchJournalEntry nope -Key a", "no journal")]
    public void A_mistake_is_an_error_that_names_it(string command, string expected) =>
        Assert.Contains(expected, _session.Fail(command).Exception.Message, StringComparison.Ordinal);

    [Fact]
    public void Tasks_that_are_received_late_have_their_own_output()
    {
        _session.Run("$null = 1..5 | Invoke-DispatchTask { \"out of $_\" } -Key { \"k$_\" } -JournalPath j");
        _session.Run("$d = New-Dispatcher d -JournalPath j; $t = 1..5 | Send-DispatchTask -Dispatcher d { 'again' } -Key { \"k$_\" }; Remove-Dispatcher d");
        _session.Run("Remove-DispatchJournalEntry j/ k1; $null = 1 | Invoke-DispatchTask { 'x' } -Key { 'kx' } -JournalPath j/");
        Invocation run = _session.Invoke("$t | Receive-DispatchTask -Ordered -Wait");
        Assert.Equal(["out of 2", "out of 3", "out of 4", "out of 5"], run.Output);
        Assert.Contains("cannot be read", run.Error.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_property_that_never_ends_is_ended_by_the_timeout()
    {
        _session.Run("Add-Type 'public class NeverEnds { public int A { get { System.Threading.Thread.Sleep(-1); return 1; } } }'");
        Invocation run = _session.Invoke("1 | Invoke-DispatchTask { [NeverEnds]::new() } -JournalPath j -Timeout 0.5 -StopGrace 0 | Out-Null");
        Assert.StartsWith("TaskTimedOut", run.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void An_item_without_its_key_costs_that_item_alone()
    {
        Invocation run = _session.Invoke("[pscustomobject]@{ Id = 1 }, 2, [pscustomobject]@{ Id = 3 } | Invoke-DispatchTask { \"r$($_.Id)\" } -Key Id -JournalPath j -Ordered");
        Assert.Equal(["r1", "r3"], run.Output);
        Assert.StartsWith("KeyInvalid", run.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void A_skipped_task_still_has_had_errors()
    {
        string command = "(1 | Invoke-DispatchTask { Write-Error e; 1 } -JournalPath j -WithTask -ErrorAction SilentlyContinue).DispatchTask.HadErrors";
        Assert.Equal(["True"], _session.Invoke(command).Output.Select(one => one?.ToString()));
        Assert.Equal(["True"], _session.Text(command));
    }

    [Fact]
    public void Two_runs_at_once_are_refused_and_the_second_hears_of_the_first()
    {
        _session.Run("New-Dispatcher first -JournalPath j");
        Assert.Contains("'first'", _session.Fail("1 | Invoke-DispatchTask { 1 } -JournalPath j").Exception.Message, StringComparison.Ordinal);
        _session.Run("Remove-Dispatcher first; 1 | Invoke-DispatchTask { 1 } -JournalPath j");
    }

    [Fact]
    public void A_dispatcher_that_goes_on_keeps_it_as_well()
    {
        for (int i = 0; i < 2; i++)
        {
            Assert.Equal(["1", "2"], _session.Text("New-Dispatcher d -JournalPath j | Start-Dispatcher; 1..2 | Send-DispatchTask { ($using:ran).Add($_); $_ } | Wait-DispatchTask | Receive-DispatchTask | Sort-Object; Remove-Dispatcher d -Force"));
        }

        Assert.Equal(["2"], _session.Text("$ran.Count"));
    }

    [Fact]
    public void Entries_are_listed_filtered_and_removed()
    {
        _session.Invoke("1..3 | Invoke-DispatchTask { if ($_ -eq 2) { throw 'two' }; $_ } -JournalPath j -Key { \"k$_\" } -Name { \"n$_\" } -LogInput Text");
        Assert.Equal(["k1 Completed n1 1 1", "k2 Failed n2 1 2", "k3 Completed n3 1 3"], _session.Text("Get-DispatchJournal j | Sort-Object Key | ForEach-Object { \"$($_.Key) $($_.State) $($_.Name) $($_.Attempt) $($_.Item)\" }"));
        Assert.Equal(["two"], _session.Text("(Get-DispatchJournal j -State Failed).FirstError"));
        Assert.Equal(["k1", "k2", "k3"], _session.Text("Get-DispatchJournal j -Key k* | Sort-Object Key | ForEach-Object Key"));
        _session.Run("Get-DispatchJournal j -Key k1 | Remove-DispatchJournalEntry -WhatIf");
        Assert.Equal(["3"], _session.Text("@(Get-DispatchJournal j).Count"));
        _session.Run("Get-DispatchJournal j -Key k1 | Remove-DispatchJournalEntry; Remove-DispatchJournalEntry j -Key k2");
        Assert.Equal(["k3"], _session.Text("(Get-DispatchJournal j).Key"));
        Assert.Contains("'k9'", _session.Fail("Remove-DispatchJournalEntry j -Key k9").Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Items_are_in_it_only_where_that_is_asked_for()
    {
        _session.Run("'secret' | Invoke-DispatchTask { 1 } -JournalPath j; 'x' | Invoke-DispatchTask -FilePath echo -ArgumentList 'secret' -JournalPath j -JournalOutput None -Environment @{ V = 'secret' }");
        Assert.DoesNotContain("secret", File.ReadAllText(Path.Combine(_folder, "j", "journal.jsonl")), StringComparison.Ordinal);
    }

    [Fact]
    public void Three_stages_go_on_together()
    {
        string command = "1..20 | Invoke-DispatchTask { ($using:ran).Add('a'); $_ + 1 } -JournalPath a | Invoke-DispatchTask { ($using:ran).Add('b'); if ($_ -eq 11 -and -not $using:go) { throw 'b' }; $_ * 2 } -JournalPath b | Invoke-DispatchTask { ($using:ran).Add('c'); \"<$_>\" } -JournalPath c";
        _session.Run("$go = $false");
        Assert.Equal(19, _session.Invoke(command).Output.Count);
        _session.Run("$go = $true; $ran.Clear()");
        Assert.Equal(20, _session.Text(command).Distinct().Count());
        Assert.Equal(["b 1", "c 1"], _session.Text("$ran | Group-Object | Sort-Object Name | ForEach-Object { \"$($_.Name) $($_.Count)\" }"));
    }

    [Fact]
    public void Too_many_failures_end_a_run_that_goes_on_later()
    {
        _session.Run("$go = $false");
        string command = "1..50 | Invoke-DispatchTask { ($using:ran).Add($_); if ($_ -gt 10 -and -not $using:go) { throw 'no' }; $_ } -JournalPath j -MaxFailures 1 -MaxWorkers 1";
        Assert.Contains(_session.Invoke(command).Errors, error => error.ToString().Contains("MaxFailures", StringComparison.Ordinal));
        _session.Run("$go = $true; $ran.Clear()");
        Assert.Equal(50, _session.Text(command).Count);
        Assert.Equal(["40"], _session.Text("$ran.Count"));
    }

    [Fact]
    public void A_stopped_pipeline_goes_on_later_where_it_was()
    {
        using Gate gate = _session.AddGate();
        Invocation run = _session.Start("1..10 | Invoke-DispatchTask { ($using:ran).Add($_); if ($_ -eq 5) { ($using:gate).Arrive(); ($using:gate).WaitUntilOpen() }; $_ } -JournalPath j -MaxWorkers 1");
        gate.WaitForArrivals();
        run.Stop();
        gate.Open();
        Assert.Equal(10, _session.Text("$ran.Clear(); 1..10 | Invoke-DispatchTask { ($using:ran).Add($_); if ($_ -eq 5) { ($using:gate).Arrive(); ($using:gate).WaitUntilOpen() }; $_ } -JournalPath j -MaxWorkers 1").Count);
        Assert.Equal(["6"], _session.Text("$ran.Count"));
    }
}
