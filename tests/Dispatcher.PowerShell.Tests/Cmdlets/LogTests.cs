using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Text.Json;
using Xunit;

namespace Dispatching.PowerShell.Tests;

public sealed class LogTests : IDisposable
{
    private readonly Session _session = new();
    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    public LogTests() => _session.Runspace.SessionStateProxy.Path.SetLocation(_folder);

    private string LogPath => Path.Combine(_folder, "log.jsonl");

    public void Dispose()
    {
        _session.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Each_ended_task_has_a_line()
    {
        _session.StartDispatcher("-LogPath log.jsonl -LogInput Text");
        _session.Run("$t = 'a', 'b' | Send-DispatchTask { if ($_ -eq 'b') { throw 'no b' } } -Name n; $d | Stop-Dispatcher -Drain");

        JsonElement[] lines = [.. ReadLog().OrderBy(line => line.GetProperty("id").GetInt64())];

        Assert.Equal(["a", "b"], lines.Select(line => line.GetProperty("input").GetString()));
        Assert.Equal(["Completed", "Failed"], lines.Select(line => line.GetProperty("state").GetString()));
        Assert.Equal([null, "no b"], lines.Select(line => line.GetProperty("error").GetString()));
        Assert.All(lines, line => Assert.Equal("n", line.GetProperty("name").GetString()));
        Assert.All(lines, line => Assert.Equal("d", line.GetProperty("dispatcher").GetString()));
        Assert.Equal(_session.Text("$t.Id"), lines.Select(line => line.GetProperty("id").GetRawText()));
    }

    [Fact]
    public void A_thousand_tasks_of_Invoke_have_a_line_each()
    {
        _session.Run("$null = 1..1000 | Invoke-DispatchTask { $_ } -LogPath log.jsonl -LogInput Text");
        Assert.Equal(Enumerable.Range(1, 1000), ReadLog().Select(line => int.Parse(line.GetProperty("input").GetString()!, System.Globalization.CultureInfo.InvariantCulture)).Order());
    }

    [Fact]
    public void A_job_has_its_lines_when_it_has_ended()
    {
        var job = (Job)_session.One("1..50 | Invoke-DispatchTask { $_ } -AsJob -LogPath log.jsonl");
        Assert.True(job.Finished.WaitOne(Limits.Hang));
        Assert.Equal(50, ReadLog().Count);
    }

    [Fact]
    public void A_job_warns_of_lines_that_were_lost()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        var job = (Job)_session.One("1..3 | Invoke-DispatchTask { $_ } -AsJob -LogPath /dev/full");
        Assert.True(job.Finished.WaitOne(Limits.Hang));
        Assert.Equal(JobState.Completed, job.JobStateInfo.State);
        Assert.Contains("/dev/full", Assert.Single(job.Warning).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Remove_leaves_the_lines_of_what_it_ends()
    {
        _session.Run("$d = New-Dispatcher d -LogPath log.jsonl; $null = 1..5 | Send-DispatchTask { }; Remove-Dispatcher d");
        Assert.Equal(5, ReadLog().Count(line => line.GetProperty("state").GetString() == "Stopped"));
    }

    [Fact]
    public void An_exit_code_is_there()
    {
        _session.Run("$null = Invoke-DispatchTask { exit 0 } -LogPath log.jsonl");
        Assert.Equal(0, Assert.Single(ReadLog()).GetProperty("exitCode").GetInt32());
    }

    [Theory]
    [InlineData("1.5", "1.5")]
    [InlineData("$true", "True")]
    [InlineData("[pscustomobject]@{ a = 1; b = 'x' }", "@{a=1; b=x}")]
    [InlineData("@(1, 2.5, $null, 'x')", "1 2.5  x")]
    [InlineData("@{ a = 1 }", "System.Collections.Hashtable")]
    [InlineData("[System.Linq.Enumerable]::Range(1, 3).GetEnumerator()", "System.Linq.Enumerable+RangeIterator")]
    [InlineData("[uri]'http://example.org/a'", "http://example.org/a")]
    [InlineData("[datetime]::new(2026, 1, 2)", "2026-01-02T00:00:00.0000000")]
    [InlineData("$null", null)]
    [InlineData("''", "")]
    [InlineData("('x' * 2000).Substring(0, 1001)", "x*999…")]
    [InlineData("(,'x' * 2000)", "x *499x…")]
    public void Input_is_text_as_PowerShell_makes_it_but_of_no_culture(string input, string? expected)
    {
        _session.Run("[Threading.Thread]::CurrentThread.CurrentCulture = 'de-DE'; $in = " + input + "; $null = Invoke-DispatchTask { } -InputObject $in -LogPath log.jsonl -LogInput Text");
        string? text = Assert.Single(ReadLog()).GetProperty("input").GetString();
        if (expected?.EndsWith('…') == true)
        {
            string[] parts = expected[..^1].Split('*');
            expected = parts[0] == "x" ? new string('x', 999) + "…" : string.Concat(Enumerable.Repeat("x ", 499)) + "x…";
        }

        if (expected?.StartsWith("System.Linq", StringComparison.Ordinal) == true)
        {
            Assert.StartsWith("System.Linq", text, StringComparison.Ordinal);
            return;
        }

        Assert.Equal(expected, text);
    }

    [Theory]
    [InlineData("'a secret'", null)]
    [InlineData("42", null)]
    [InlineData("[guid]::NewGuid()", null)]
    [InlineData("(Get-Item log.jsonl)", "log.jsonl")]
    [InlineData("[pscustomobject]@{ Id = 7; Password = 'a secret' }", "7")]
    [InlineData("[pscustomobject]@{ Name = 'n'; Id = 7; Password = 'a secret' }", "n")]
    [InlineData("[pscustomobject]@{ Name = ''; Id = 7 }", "7")]
    [InlineData("[pscustomobject]@{ Name = @{ a = 'a secret' } }", null)]
    [InlineData("@{ name = 'h'; Password = 'a secret' }", "h")]
    [InlineData("@('a secret', [pscustomobject]@{ Name = 'n' }, [pscustomobject]@{ Id = 8 })", "n 8")]
    [InlineData("([pscustomobject]@{ Password = 'a secret' } | Add-Member ScriptProperty Name { throw 'no' } -PassThru)", null)]
    [InlineData("$null", null)]
    public void Without_LogInput_an_item_is_named_and_no_more(string input, string? expected)
    {
        File.WriteAllText(LogPath, string.Empty);
        foreach (string name in new[] { string.Empty, " -LogInput Name" })
        {
            _session.Run("$in = " + input + "; $null = Invoke-DispatchTask { } -InputObject $in -LogPath log.jsonl" + name);
            Assert.Equal(expected, ReadLog()[^1].GetProperty("input").GetString());
            Assert.DoesNotContain("secret", File.ReadAllText(LogPath), StringComparison.Ordinal);
        }

        _session.Run("$null = Invoke-DispatchTask { } -InputObject $in -LogPath log.jsonl -LogInput None");
        Assert.Null(ReadLog()[^1].GetProperty("input").GetString());
    }

    [Theory]
    [InlineData("-FilePath dotnet -ArgumentList no-such-command-secret", "ended with exit code")]
    [InlineData("-FilePath dotnet -ArgumentList no-such-command -StandardInput secret", "ended with exit code")]
    [InlineData("-FilePath dotnet -ArgumentList x -InputObject secret -Timeout 0.001", "within its limit")]
    [InlineData("{ Start-Sleep 60 } -InputObject secret -Timeout 0.1", "within its limit of 0.1 s.")]
    [InlineData("{ param([int] $n) } -ArgumentList secret", "ParameterArgumentTransformationError, parameter 'n'")]
    [InlineData("{ param([int] $n) } -Parameter @{ n = 'secret' }", "ParameterArgumentTransformationError, parameter 'n'")]
    [InlineData("{ param([ValidateSet('a')] $n) } -ArgumentList secret", "ParameterArgumentValidationError, parameter 'n'")]
    [InlineData("{ [CmdletBinding()] param() } -ArgumentList secret", "PositionalParameterNotFound)")]
    public void What_a_task_was_given_is_never_in_its_error(string task, string expected)
    {
        Invocation invocation = _session.Invoke("Invoke-DispatchTask " + task + " -LogPath log.jsonl");
        Assert.NotEmpty(invocation.Errors);
        Assert.Contains(expected, Assert.Single(ReadLog()).GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("secret", File.ReadAllText(LogPath), StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_log_would_consume_stays_for_the_task()
    {
        _session.Run("$in = (1..3).GetEnumerator(); $r = Invoke-DispatchTask { $n = 0; while ($_.MoveNext()) { $n += $_.Current }; $n } -InputObject $in -LogPath log.jsonl -LogInput Text");
        Assert.Equal(["6"], _session.Text("$r"));
    }

    [Fact]
    public void An_object_whose_text_fails_does_no_harm()
    {
        _session.Run(
            """
            class Hostile { [string] ToString() { throw 'no text' } }
            $r = Invoke-DispatchTask { 'ran' } -InputObject ([Hostile]::new()) -LogPath log.jsonl -LogInput Text
            """);
        Assert.Equal(["ran"], _session.Text("$r"));
        Assert.Equal("Hostile", Assert.Single(ReadLog()).GetProperty("input").GetString());
    }

    [Theory]
    [InlineData("New-Dispatcher d")]
    [InlineData("Invoke-DispatchTask { [IO.File]::WriteAllText('ran', 'x') }")]
    public void A_path_that_cannot_be_written_is_an_error_that_names_the_parameter(string command)
    {
        File.WriteAllText(Path.Combine(_folder, "file"), "x");
        foreach (string path in new[] { "file/log", "." })
        {
            ErrorRecord error = _session.Fail(command + " -LogPath " + path);
            Assert.StartsWith("LogPathInvalid,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
            Assert.Equal(ErrorCategory.OpenError, error.CategoryInfo.Category);
            Assert.Contains("-LogPath", error.ToString(), StringComparison.Ordinal);
            Assert.Contains(_folder, error.ToString(), StringComparison.Ordinal);
        }

        Assert.Empty(_session.Run("Get-Dispatcher"));
        Assert.Single(Directory.GetFiles(_folder));
    }

    [Theory]
    [InlineData("variable:x")]
    [InlineData("nowhere:/x")]
    public void A_path_that_is_not_of_the_file_system_is_an_error_that_names_the_parameter(string path)
    {
        ErrorRecord error = _session.Fail("New-Dispatcher d -LogPath " + path);
        Assert.StartsWith("LogPathInvalid,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.InvalidArgument, error.CategoryInfo.Category);
        Assert.Contains("-LogPath", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(path, error.TargetObject);
    }

    [Fact]
    public void Folders_are_made_and_wildcards_are_not_expanded()
    {
        _session.Run("$null = Invoke-DispatchTask { } -LogPath 'a/b/[log]*.jsonl'");
        Assert.True(File.Exists(Path.Combine(_folder, "a", "b", "[log]*.jsonl")) || OperatingSystem.IsWindows());
    }

    [Fact]
    public void A_log_is_for_a_dispatcher_of_its_own()
    {
        _session.StartDispatcher();
        ErrorRecord error = _session.Fail("Invoke-DispatchTask { } -Dispatcher d -LogPath log.jsonl");
        Assert.StartsWith("WorkerSettingsInvalid,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("-LogPath", error.ToString(), StringComparison.Ordinal);
        Assert.False(File.Exists(LogPath));
    }

    [Fact]
    public void A_full_disk_is_a_warning_and_no_more()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        Invocation invocation = _session.Invoke("1..3 | Invoke-DispatchTask { $_ } -Ordered -LogPath /dev/full");

        Assert.Equal([1, 2, 3], invocation.Output);
        Assert.Empty(invocation.Errors);
        WarningRecord warning = Assert.Single(invocation.Streams.Warning);
        Assert.StartsWith("The log '/dev/full' lacks the lines of 3 tasks:", warning.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_warning_comes_once()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        _session.StartDispatcher("-LogPath /dev/full");
        Invocation invocation = _session.Invoke("$null = 1 | Send-DispatchTask { }; Stop-Dispatcher d -Drain; Stop-Dispatcher d; Remove-Dispatcher d");
        Assert.Single(invocation.Streams.Warning);
        Assert.Empty(invocation.Errors);
    }

    [Fact]
    public void Lines_that_are_lost_later_are_told_too()
    {
        _session.StartDispatcher("-LogPath log.jsonl");
        for (int period = 0; period < 2; period++)
        {
            File.Delete(LogPath);
            Directory.CreateDirectory(LogPath);
            Invocation failing = _session.Invoke("Start-Dispatcher d; $null = 1..2 | Send-DispatchTask { }; Stop-Dispatcher d -Drain");
            Assert.StartsWith("The log '" + LogPath + "' lacks the lines of 2 tasks:", Assert.Single(failing.Streams.Warning).Message, StringComparison.Ordinal);
            Assert.Equal(["True"], _session.Text("$null -ne $d.LogError"));
            Directory.Delete(LogPath);
            Assert.Empty(_session.Invoke("Start-Dispatcher d; $null = Send-DispatchTask { }; Stop-Dispatcher d -Drain").Streams.Warning);
            Assert.Equal(["True"], _session.Text("$null -eq $d.LogError"));
            Assert.Single(ReadLog());
        }
    }

    [Fact]
    public void The_end_of_the_host_leaves_every_line()
    {
        string script = string.Join('\n',
            "Import-Module '" + StagedModule.Manifest + "'",
            "$d = New-Dispatcher -LogPath '" + LogPath + "'",
            "$d | Start-Dispatcher",
            "$null = 1..300 | Send-DispatchTask { $_ } | Wait-DispatchTask");
        using Process host = PowerShellHost.Start(PowerShellHost.Create(script));
        Assert.True(host.WaitForExit(Limits.Hang), "The host did not end.");
        Assert.Equal(300, ReadLog().Count);
    }

    private List<JsonElement> ReadLog() => [.. File.ReadLines(LogPath).Select(line => JsonDocument.Parse(line).RootElement)];
}
