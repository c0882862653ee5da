using System;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Text;
using Xunit;

namespace Dispatching.PowerShell.Tests;

/// <summary>What goes into an executable, what comes out, and in which encoding.</summary>
public sealed class ExecutableStreamsTests : IDisposable
{
    private readonly Session _session = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("dispatcher streams ").FullName;

    public ExecutableStreamsTests()
    {
        _session.StartDispatcher("-MaxWorkers 2 -StopGrace 0.2 -TaskTimeout 60");
        _session["folder"] = _folder;
    }

    public void Dispose()
    {
        _session.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [UnixTheory]
    [InlineData("'a b'", "a b")]
    [InlineData("''", "")]
    [InlineData("\"one`ntwo`n\"", "one\ntwo\n")]
    [InlineData("@('one', 'two')", "one\ntwo\n")]
    [InlineData("(1..3)", "1\n2\n3\n")]
    [InlineData("1.5", "1.5")]
    [InlineData("@()", "")]
    [InlineData("([byte[]](0x61, 0x0A, 0x62))", "a\nb")]
    [InlineData("@([byte]0x61, [byte]0x62)", "ab")]
    [InlineData("@([byte[]](0x61, 0x0A), [byte[]](0xC3), @([byte]0xA9), [byte]0x62)", "a\né" + "b")]
    [InlineData("@(@('a', 'b'), @('c'))", "a b\nc\n")]
    [InlineData("@(@([pscustomobject]@{ k = 1 }), 'c')", "@{k=1}\nc\n")]
    [InlineData("([IO.FileInfo] (Join-Path -Path $folder -ChildPath in))", "from a file")]
    public void StandardInput_is_text_lines_bytes_or_a_file(string input, string expected)
    {
        File.WriteAllText(Path.Combine(_folder, "in"), "from a file");
        input = input.Replace("(Join-Path -Path $folder -ChildPath in)", "\"$folder/in\"", StringComparison.Ordinal);

        Assert.Equal([expected], _session.Text("Send-DispatchTask -FilePath cat -StandardInput " + input + " -Raw | Receive-DispatchTask -Wait"));
    }

    [UnixFact]
    public void A_block_makes_the_input_of_each_item()
    {
        Assert.Equal(
            ["1", "3", "a", "b"],
            _session.Text("""
                1, 3 | Send-DispatchTask -FilePath cat -StandardInput { "$_" } | Receive-DispatchTask -Wait -Ordered
                @{ k = 'a', 'b' } | Send-DispatchTask -FilePath cat -StandardInput { $_.k } | Receive-DispatchTask -Wait
                """));
    }

    [UnixFact]
    public void Raw_is_one_string_and_AsByteStream_the_bytes()
    {
        Assert.Equal(["a\n\r\nb"], _session.Text("Send-DispatchTask -FilePath printf -ArgumentList 'a\\n\\r\\nb' -Raw | Receive-DispatchTask -Wait"));
        byte[] bytes = Assert.IsType<byte[]>((object)_session.One("Send-DispatchTask -FilePath printf -ArgumentList '\\377\\000\\n' -AsByteStream | Receive-DispatchTask -Wait"));
        Assert.Equal([0xFF, 0x00, 0x0A], bytes);
    }

    [UnixFact]
    public void OutputFile_and_ErrorFile_are_paths_of_the_session_or_blocks_that_make_them()
    {
        Assert.Equal(
            ["Completed", "Completed", "0", "0"],
            _session.Text("""
                $null = $ExecutionContext.SessionState.Path.SetLocation([WildcardPattern]::Escape($folder))
                $t = 'a', 'b' | Send-DispatchTask -FilePath sh -ArgumentList { '-c', "echo out $_; echo err $_ >&2" } -OutputFile { "new/$_.out" } -ErrorFile errors.txt -Append | Wait-DispatchTask
                $t.State; $t | & { process { $_.Output.Count + $_.StandardError.Count } }
                """));
        Assert.Equal("out a\n", File.ReadAllText(Path.Combine(_folder, "new", "a.out")));
        Assert.Equal("out b\n", File.ReadAllText(Path.Combine(_folder, "new", "b.out")));
        Assert.Equal(["err a", "err b"], File.ReadAllLines(Path.Combine(_folder, "errors.txt")).Order(StringComparer.Ordinal));
    }

    [UnixTheory]
    [InlineData("utf8", "67-C3-BC")]
    [InlineData("UTF8NoBOM", "67-C3-BC")]
    [InlineData("utf8BOM", "EF-BB-BF-67-C3-BC")]
    [InlineData("unicode", "67-00-FC-00")]
    [InlineData("BigEndianUnicode", "00-67-00-FC")]
    [InlineData("utf32", "67-00-00-00-FC-00-00-00")]
    [InlineData("bigendianutf32", "00-00-00-67-00-00-00-FC")]
    [InlineData("latin1", "67-FC")]
    [InlineData("ascii", "67-3F")]
    [InlineData("28591", "67-FC")]
    [InlineData("iso-8859-1", "67-FC")]
    [InlineData("([Text.Encoding]::UTF8)", "67-C3-BC")]
    [InlineData("([Text.UnicodeEncoding]::new($true, $true, $true))", "00-67-00-FC")]
    public void Encoding_has_the_names_that_users_know(string encoding, string expected)
    {
        byte[] bytes = (byte[])(object)_session.One("Send-DispatchTask -FilePath cat -StandardInput 'gü' -AsByteStream -Encoding " + encoding + " | Receive-DispatchTask -Wait");

        Assert.Equal(expected, BitConverter.ToString(bytes));
        if (encoding != "ascii")
        {
            Assert.Equal(["gü"], _session.Text("Send-DispatchTask -FilePath cat -StandardInput 'gü' -Encoding " + encoding + " | Receive-DispatchTask -Wait"));
        }
    }

    [UnixTheory]
    [InlineData("437")]
    [InlineData("1252")]
    [InlineData("oem")]
    [InlineData("ansi")]
    public void Code_pages_are_known(string encoding)
    {
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

        Assert.Equal(["gü"], _session.Text("Send-DispatchTask -FilePath cat -StandardInput 'gü' -Encoding " + encoding + " | Receive-DispatchTask -Wait"));
    }

    [Fact]
    public void An_encoding_that_is_not_known_is_an_error_that_names_those_that_are()
    {
        ErrorRecord error = _session.Fail("Send-DispatchTask -FilePath dotnet -Encoding utf9");
        Assert.Contains("utf9", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("utf8NoBOM", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Encodings_are_completed()
    {
        Assert.Equal(
            ["utf8", "utf8BOM", "utf8NoBOM"],
            _session.Text("([Management.Automation.CommandCompletion]::CompleteInput('Send-DispatchTask -FilePath x -Encoding utf8', 44, $null)).CompletionMatches.CompletionText"));
    }

    [UnixFact]
    public void A_failed_program_is_one_error_that_ends_with_the_last_lines_of_its_standard_error()
    {
        Invocation fine = _session.Invoke("Send-DispatchTask -FilePath sh -ArgumentList '-c', 'echo log >&2' | Receive-DispatchTask -Wait");
        Assert.Empty(fine.Errors);

        ErrorRecord failed = _session.Fail("$t = Send-DispatchTask -FilePath sh -ArgumentList '-c', 'echo one >&2; echo two >&2; exit 3'; $t | Receive-DispatchTask -Wait -Keep");
        Assert.StartsWith("UnexpectedExitCode", failed.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("exit code 3", failed.ToString(), StringComparison.Ordinal);
        Assert.EndsWith("one" + Environment.NewLine + "two", failed.ToString(), StringComparison.Ordinal);
        Assert.Equal(["one", "two", "1", "one", "two"], _session.Text("$t.StandardError; $t.Error.Count; $t.Exception.StandardError"));
        Assert.Single(_session.Invoke("1, 2 | Invoke-DispatchTask -FilePath sh -ArgumentList { '-c', \"echo e >&2; exit $($_ - 1)\" } -AsJob | Wait-Job | Receive-Job").Errors);
    }

    [UnixFact]
    public void A_retried_failure_writes_no_errors()
    {
        string file = Path.Combine(_folder, "tried");
        Invocation invocation = _session.Invoke("Send-DispatchTask -FilePath sh -ArgumentList '-c', \"echo log >&2; test -e '$($args[0])' || { touch '$($args[0])'; exit 1; }\" -Retry 1 | Receive-DispatchTask -Wait", file);

        Assert.Empty(invocation.Errors);
    }

    [UnixFact]
    public void ErrorStream_writes_them_as_they_come()
    {
        Invocation invocation = _session.Invoke("$t = Send-DispatchTask -FilePath sh -ArgumentList '-c', 'echo log >&2; echo out; exit 3' -ErrorStream; $t | Receive-DispatchTask -Wait");

        Assert.Equal(["out"], invocation.Text);
        Assert.Equal(2, invocation.Errors.Count);
        Assert.Equal("log", invocation.Errors[0].ToString());
        Assert.Contains("exit code 3", invocation.Errors[1].ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-Raw -AsByteStream")]
    [InlineData("-Raw -OutputFile x")]
    [InlineData("-ErrorStream -ErrorFile x")]
    public void Two_forms_of_one_stream_are_refused(string parameters)
    {
        ErrorRecord error = _session.Fail("Send-DispatchTask -FilePath dotnet " + parameters);

        Assert.StartsWith("ConflictingOutput,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(["0"], _session.Text("$d.Statistics.Sent"));
    }

    [UnixFact]
    public void A_path_that_a_block_does_not_make_is_the_error_of_its_item()
    {
        Invocation invocation = _session.Invoke("'a', '' | Send-DispatchTask -FilePath echo -OutputFile { if ($_) { \"$folder/$_\" } }");

        Assert.Single(invocation.Output);
        Assert.StartsWith("ArgumentBlockFailed,", invocation.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [UnixFact]
    public void The_environment_is_that_of_the_time_of_sending()
    {
        Environment.SetEnvironmentVariable("DISPATCHER_TEST_WHEN", "sent");
        Gate gate = _session.AddGate();
        _session.Run("$null = 1, 2 | Send-DispatchTask { ($using:gate).Pass() }; $t = Send-DispatchTask -FilePath sh -ArgumentList '-c', 'echo $DISPATCHER_TEST_WHEN'");
        gate.WaitForArrivals(2);
        Environment.SetEnvironmentVariable("DISPATCHER_TEST_WHEN", "run");
        gate.Open();

        Assert.Equal(["sent"], _session.Text("$t | Receive-DispatchTask -Wait"));
    }

    [UnixFact]
    public void KeepChildren_keeps_a_daemon()
    {
        string sleep = Processes.LongSleep();
        Assert.Equal(["Completed"], _session.Text("$t = Send-DispatchTask -FilePath sh -ArgumentList '-c', \"sleep $($args[0]) </dev/null >/dev/null 2>&1 &\" -KeepChildren | Wait-DispatchTask; $t.State", sleep));

        int kept = Assert.Single(Processes.With(sleep));
        using var process = System.Diagnostics.Process.GetProcessById(kept);
        process.Kill();
    }

    [UnixFact]
    public void A_signal_is_named_in_the_error()
    {
        ErrorRecord error = _session.Fail("Send-DispatchTask -FilePath sh -ArgumentList '-c', 'kill -9 $$' | Receive-DispatchTask -Wait");

        Assert.Contains("SIGKILL (9)", error.ToString(), StringComparison.Ordinal);
    }

    [UnixFact]
    public void A_script_that_may_be_run_and_names_its_shell_is_an_executable()
    {
        string file = Path.Combine(_folder, "tool.ps1");
        File.WriteAllText(file, "#!/bin/sh\necho ran\n");
        _session.Run("& chmod 755 $args[0]", file);

        Assert.Equal(["ran"], _session.Text("Send-DispatchTask -FilePath $args[0] | Receive-DispatchTask -Wait", file));
    }

    [Theory]
    [InlineData("Send-DispatchTask", "a cmdlet")]
    [InlineData("dispatcher-test-function", "a function")]
    public void A_command_of_the_session_is_no_executable_and_the_error_says_what_to_do(string name, string kind)
    {
        _session.Run("function global:dispatcher-test-function { }");
        ErrorRecord error = _session.Fail("Send-DispatchTask -FilePath " + name);

        Assert.StartsWith("ExecutableIsScript,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains(kind, error.ToString(), StringComparison.Ordinal);
        Assert.Contains("{ & '" + name + "' }", error.ToString(), StringComparison.Ordinal);
    }

    [UnixFact]
    public void Paths_may_be_those_of_a_PowerShell_drive()
    {
        File.WriteAllText(Path.Combine(_folder, "tool"), "#!/bin/sh\npwd\n");
        _session.Run("& chmod 755 \"$folder/tool\"");
        Assert.Equal(
            [_folder],
            _session.Text("$s = $ExecutionContext.SessionState; $null = $s.Drive.New([Management.Automation.PSDriveInfo]::new('Tools', $s.Provider.GetOne('FileSystem'), $folder, '', $null), 'global'); Send-DispatchTask -FilePath Tools:/tool -WorkingDirectory Tools:/ | Receive-DispatchTask -Wait | & { process { $_.TrimEnd('/') } }"));
    }

    [UnixFact]
    public void Invoke_takes_them_all()
    {
        Assert.Equal(
            ["1", "2", "3"],
            _session.Text("1..3 | Invoke-DispatchTask -FilePath cat -StandardInput { \"$_\" } -Ordered"));
    }
}
