using System;
using System.IO;
using System.Linq;
using System.Management.Automation;
using Xunit;

namespace Dispatching.PowerShell.Tests;

public sealed class ExecutableTests : IDisposable
{
    private const string EchoArguments = "for a in \"$@\"; do printf '[%s]' \"$a\"; done";

    private readonly Session _session = new();

    public ExecutableTests()
    {
        _session.StartDispatcher("-MaxWorkers 2 -StopGrace 0.2");
        _session["echo"] = EchoArguments;
    }

    public void Dispose() => _session.Dispose();

    [UnixFact]
    public void Arguments_arrive_exactly_as_they_are()
    {
        string[] arguments = ["plain", "", "two words", "\"quoted\"", "'single'", "back\\slash", "trailing\\", "a\\\"b", "$HOME", "`id`", "*", "ü 漢 🙂", "-x", "--", "line\nbreak", "tab\there", "%PATH%", "a;b|c&d>e"];
        _session["a"] = arguments;
        Assert.Equal(
            string.Concat(arguments.Select(argument => "[" + argument + "]")),
            string.Join('\n', _session.Text("Send-DispatchTask -FilePath sh -ArgumentList (@('-c', $echo, 'sh') + $a) | Receive-DispatchTask -Wait")));
    }

    [UnixFact]
    public void Arguments_that_are_not_text_are_written_invariantly()
    {
        Assert.Equal(
            ["[1.5][7][True][]"],
            _session.Text("[Threading.Thread]::CurrentThread.CurrentCulture = 'de-DE'; Send-DispatchTask -FilePath sh -ArgumentList '-c', $echo, sh, 1.5, 7, $true, $null | Receive-DispatchTask -Wait"));
    }

    [UnixFact]
    public void A_block_makes_the_arguments_of_each_item_in_the_session_of_the_caller()
    {
        Assert.Equal(
            ["[a.txt][1]", "[b c.txt][3]"],
            _session.Text("""
                $suffix = '.txt'
                'a', 'b c' | Send-DispatchTask -FilePath sh -ArgumentList { '-c'; $echo; 'sh'; "$_$suffix"; $_.Length } | Receive-DispatchTask -Wait -Ordered
                """));
    }

    [UnixFact]
    public void A_block_that_fails_for_an_item_is_the_error_of_that_item()
    {
        Invocation invocation = _session.Invoke("1, 0, 2 | Send-DispatchTask -FilePath sh -ArgumentList { '-c'; $echo; 'sh'; if (-not $_) { throw 'none' }; $_ } | Receive-DispatchTask -Wait -Ordered");
        Assert.Equal(["[1]", "[2]"], invocation.Text);
        Assert.StartsWith("ArgumentBlockFailed,", invocation.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal("0", invocation.Error.TargetObject.ToString());
        Assert.Contains("none", invocation.Error.ToString(), StringComparison.Ordinal);
    }

    [UnixFact]
    public void Output_is_lines_and_standard_error_is_a_log_of_its_own()
    {
        Invocation invocation = _session.Invoke("$t = Send-DispatchTask -FilePath sh -ArgumentList '-c', 'echo one; echo bad >&2; echo; echo three; echo worse >&2; printf last'; $t | Receive-DispatchTask -Wait");
        Assert.Equal(["one", "", "three", "last"], invocation.Text);
        Assert.Empty(invocation.Errors);
        Assert.Equal(["bad", "worse", "Completed", "0", "False"], _session.Text("$t.StandardError; $t.State; $t.ExitCode; $t.HadErrors"));
    }

    [UnixFact]
    public void Output_is_read_as_UTF8_and_may_be_huge()
    {
        Assert.Equal(["grüße 漢字 🙂"], _session.Text("Send-DispatchTask -FilePath printf -ArgumentList 'grüße 漢字 🙂' | Receive-DispatchTask -Wait"));
        Assert.Equal(["200000", "200000"], _session.Text("$o = Send-DispatchTask -FilePath seq -ArgumentList 200000 -Timeout 60 | Receive-DispatchTask -Wait; $o.Count; $o[-1]"));
    }

    [UnixFact]
    public void Both_streams_are_read_at_once()
    {
        Assert.Equal(
            ["Completed", "20000", "20000"],
            _session.Text("$t = Send-DispatchTask -FilePath sh -ArgumentList '-c', 'seq 20000 >&2; seq 20000' -Timeout 60 | Wait-DispatchTask; $t.State; $t.Output.Count; $t.StandardError.Count"));
    }

    [UnixFact]
    public void An_unexpected_exit_code_fails_the_task_and_says_what_it_wrote()
    {
        ErrorRecord error = _session.Fail("$t = Send-DispatchTask -FilePath sh -ArgumentList '-c', 'echo why >&2; exit 3'; $t | Receive-DispatchTask -Wait");
        Assert.StartsWith("UnexpectedExitCode", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("exit code 3", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("why", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(["Failed", "3", "True", "why"], _session.Text("$t.State; $t.ExitCode; $t.HadErrors; $t.StandardError"));
    }

    [UnixFact]
    public void SuccessExitCode_says_which_codes_are_expected()
    {
        Assert.Equal(
            ["Completed", "Completed", "Failed", "3", "4", "0"],
            _session.Text("$t = 3, 4, 0 | Send-DispatchTask -FilePath sh -ArgumentList { '-c'; \"exit $_\" } -SuccessExitCode 3, 4; $null = $t | Wait-DispatchTask; $t.State; $t.ExitCode"));
    }

    [UnixFact]
    public void It_runs_in_the_caller_s_folder_or_the_one_given()
    {
        string folder = Directory.CreateTempSubdirectory("dispatcher [x] ").FullName;
        Assert.Equal(
            [folder, "/", folder],
            _session.Text("""
                $null = $ExecutionContext.SessionState.Path.SetLocation([WildcardPattern]::Escape($args[0]))
                Send-DispatchTask -FilePath pwd | Receive-DispatchTask -Wait
                Send-DispatchTask -FilePath pwd -WorkingDirectory / | Receive-DispatchTask -Wait
                $null = $ExecutionContext.SessionState.Path.SetLocation('..')
                Send-DispatchTask -FilePath pwd -WorkingDirectory $args[1] | Receive-DispatchTask -Wait
                """,
                folder,
                Path.GetFileName(folder)));
        Directory.Delete(folder);
    }

    [Fact]
    public void A_working_directory_that_is_not_there_is_an_error()
    {
        ErrorRecord error = _session.Fail("Send-DispatchTask -FilePath dotnet -WorkingDirectory /no/such/folder");
        Assert.StartsWith("WorkingDirectoryNotFound,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.ObjectNotFound, error.CategoryInfo.Category);
        Assert.Contains("folder", error.ToString(), StringComparison.Ordinal);
    }

    [UnixFact]
    public void Environment_adds_changes_and_removes_variables()
    {
        Environment.SetEnvironmentVariable("DISPATCHER_TEST_THERE", "there");
        Environment.SetEnvironmentVariable("DISPATCHER_TEST_OTHER", "other");
        Assert.Equal(
            ["a=new b= c=other n=5", "a= b=there c=other n="],
            _session.Text("""
                $show = 'echo "a=$A b=$DISPATCHER_TEST_THERE c=$DISPATCHER_TEST_OTHER n=$N"'
                Send-DispatchTask -FilePath sh -ArgumentList '-c', $show -Environment @{ A = 'new'; DISPATCHER_TEST_THERE = $null; N = 5 } | Receive-DispatchTask -Wait
                Send-DispatchTask -FilePath sh -ArgumentList '-c', $show | Receive-DispatchTask -Wait
                """));
    }

    [UnixFact]
    public void Standard_input_is_empty()
    {
        Assert.Equal(["0"], _session.Text("Send-DispatchTask -FilePath sh -ArgumentList '-c', 'wc -c' | Receive-DispatchTask -Wait | & { process { $_.Trim() } }"));
    }

    [Theory]
    [InlineData("no-such-program-anywhere", "PATH")]
    [InlineData("./no-such-program", "no-such-program")]
    [InlineData("/no/such/program", "/no/such/program")]
    public void One_that_is_not_there_is_an_error_at_once(string path, string part)
    {
        ErrorRecord error = _session.Fail("Send-DispatchTask -FilePath '" + path + "'");
        Assert.StartsWith("ExecutableNotFound,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.ObjectNotFound, error.CategoryInfo.Category);
        Assert.Equal(path, error.TargetObject);
        Assert.Contains(part, error.ToString(), StringComparison.Ordinal);
        Assert.Equal(["0"], _session.Text("$d.Statistics.Sent"));
    }

    [UnixFact]
    public void A_file_that_cannot_be_run_fails_the_task_and_says_so()
    {
        string file = Path.Combine(Directory.CreateTempSubdirectory("dispatcher").FullName, "data");
        File.WriteAllText(file, "data");
        ErrorRecord error = _session.Fail("$t = Send-DispatchTask -FilePath $args[0]; $t | Receive-DispatchTask -Wait", file);
        Assert.StartsWith("ExecutableNotStarted", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains(file, error.ToString(), StringComparison.Ordinal);
        Assert.Equal(["Failed", "<null>"], _session.Text("$t.State; , $t.ExitCode"));
    }

    [Fact]
    public void A_script_is_no_executable_and_the_error_says_what_to_do()
    {
        string file = Path.Combine(Directory.CreateTempSubdirectory("dispatcher").FullName, "script.ps1");
        File.WriteAllText(file, "1");
        ErrorRecord error = _session.Fail("Send-DispatchTask -FilePath $args[0]", file);
        Assert.StartsWith("ExecutableIsScript,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("{ &", error.ToString(), StringComparison.Ordinal);
    }

    [UnixFact]
    public void A_relative_path_is_from_the_caller_s_folder()
    {
        string folder = Directory.CreateTempSubdirectory("dispatcher").FullName;
        string program = Path.Combine(folder, "tool");
        File.WriteAllText(program, "#!/bin/sh\necho tool \"$@\"\n");
        _session.Run("& chmod 700 $args[0]", program);
        Assert.Equal(
            ["tool x"],
            _session.Text("$null = $ExecutionContext.SessionState.Path.SetLocation($args[0]); Send-DispatchTask -FilePath ./tool -ArgumentList x | Receive-DispatchTask -Wait", folder));
    }

    [UnixFact]
    public void One_task_per_item_with_the_item_kept()
    {
        Assert.Equal(
            ["3", "a", "b", "c", "a", "b", "c"],
            _session.Text("$t = 'a', 'b', 'c' | Send-DispatchTask -FilePath echo -ArgumentList { $_ }; $t.Count; $t.InputObject; $t | Receive-DispatchTask -Wait -Ordered"));
    }

    [UnixFact]
    public void Stopping_one_ends_its_whole_tree()
    {
        string sleep = Processes.LongSleep();
        _session.Run("$t = Send-DispatchTask -FilePath sh -ArgumentList '-c', \"sleep $($args[0]) & echo up; wait\" -Timeout 0", sleep);
        dynamic task = _session.One("$t");
        Session.Eventually(() => task.Output.Length == 1, "It has not started.");
        Assert.NotEmpty(Processes.With(sleep));
        Assert.Equal(["Stopped"], _session.Text("$t | Stop-DispatchTask; $t.State"));
        Processes.AssertNone(sleep);
    }

    [UnixFact]
    public void A_grandchild_that_keeps_the_output_open_does_not_keep_the_task()
    {
        string sleep = Processes.LongSleep();
        Assert.Equal(["up", "Completed", "0"], _session.Text("$t = Send-DispatchTask -FilePath sh -ArgumentList '-c', \"sleep $($args[0]) & echo up\" -Timeout 0; $t | Receive-DispatchTask -Wait; $t.State; $t.ExitCode", sleep));
        Processes.AssertNone(sleep);
    }

    [UnixFact]
    public void Output_comes_live()
    {
        string fifo = Path.Combine(Directory.CreateTempSubdirectory("dispatcher").FullName, "fifo");
        Invocation receiving = _session.Start("Send-DispatchTask -FilePath sh -ArgumentList '-c', \"mkfifo '$($args[0])'; echo early; read x < '$($args[0])'; echo late `$x\" -Timeout 0 | Receive-DispatchTask -Wait", fifo);
        Session.Eventually(() => receiving.Output.Count == 1, "The early line has not come.");
        File.WriteAllText(fifo, "text\n");
        Assert.Equal(["early", "late text"], receiving.Finish().Text);
    }

    [UnixFact]
    public void Failed_ones_are_retried()
    {
        string file = Path.Combine(Directory.CreateTempSubdirectory("dispatcher").FullName, "tries");
        Assert.Equal(
            ["Completed", "3", "0"],
            _session.Text("$t = Send-DispatchTask -FilePath sh -ArgumentList '-c', \"echo x >> '$($args[0])'; test `$(wc -l < '$($args[0])') -ge 3\" -Retry 4 | Wait-DispatchTask; $t.State; $t.Attempt; $t.ExitCode", file));
    }

    [UnixFact]
    public void Native_standard_error_in_a_block_is_no_failure()
    {
        Assert.Equal(["out", "Completed"], _session.Text("$t = Send-DispatchTask { & sh -c 'echo err >&2; echo out' } | Wait-DispatchTask; $t.Output; $t.State"));
    }

    [UnixFact]
    public void A_block_sees_the_exit_code_of_its_native_program()
    {
        Assert.Equal(["7"], _session.Text("Send-DispatchTask { & sh -c 'exit 7'; $LASTEXITCODE } | Receive-DispatchTask -Wait"));
    }

    [Theory]
    [InlineData("Send-DispatchTask { } -WorkingDirectory /")]
    [InlineData("Send-DispatchTask { } -Environment @{ }")]
    [InlineData("Send-DispatchTask { } -SuccessExitCode 1")]
    [InlineData("Send-DispatchTask -ScriptBlock { } -FilePath sh")]
    public void What_is_for_executables_only_is_refused_for_blocks(string command)
    {
        Assert.Contains("ParameterBindingException", _session.Fail(command).Exception.GetType().Name, StringComparison.Ordinal);
        Assert.Equal(["0"], _session.Text("$d.Statistics.Sent"));
    }

    [UnixTheory]
    [InlineData("@($row, $row)", "<@{k=1} @{k=1}>")]
    [InlineData("@(, $row)", "<@{k=1}>")]
    [InlineData("@('b', $row)", "<b @{k=1}>")]
    [InlineData("@($null, 2.5)", "< 2.5>")]
    [InlineData("[byte[]](1, 2)", "<1 2>")]
    public void A_list_among_the_arguments_is_one_argument_of_the_texts_of_its_elements(string list, string expected)
    {
        _session.Run("$row = [pscustomobject]@{ k = 1 }; $list = " + list);
        Assert.Equal([expected], _session.Text("Send-DispatchTask -FilePath printf -ArgumentList '<%s>', $list | Receive-DispatchTask -Wait"));
        Assert.Equal([expected], _session.Text("Send-DispatchTask -FilePath printf -ArgumentList { '<%s>'; , $list } | Receive-DispatchTask -Wait"));
    }

    [UnixFact]
    public void ArgumentList_is_the_first_position_after_FilePath()
    {
        Assert.Equal(["a b"], _session.Text("Send-DispatchTask -FilePath echo a, b | Receive-DispatchTask -Wait"));
        Assert.Equal(["<x>"], _session.Text("'x' | Send-DispatchTask -FilePath echo { \"<$_>\" } | Receive-DispatchTask -Wait"));
    }
}
