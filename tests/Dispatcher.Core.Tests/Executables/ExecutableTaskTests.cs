using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using Dispatching.Tests.Support;
using Xunit;

namespace Dispatching.Tests.Executables;

public sealed class ExecutableTaskTests : IDisposable
{
    private readonly Dispatcher _dispatcher = new(new DispatcherOptions { MinWorkers = 1, MaxWorkers = 2, TaskTimeout = Bounded.Limit });

    public ExecutableTaskTests() => _dispatcher.Run();

    public void Dispose() => _dispatcher.Dispose();

    [Fact]
    public void Arguments_arrive_exactly()
    {
        string[] arguments =
        [
            string.Empty,
            " ",
            "with space",
            " leading and trailing ",
            "\"",
            "say \"hi\"",
            "'single'",
            "\\",
            "a\\b",
            "trailing\\",
            "two\\\\",
            "quote after backslash \\\"",
            "\\\\\"",
            "\"\"",
            "a\"\"b c",
            "line\nbreak",
            "tab\tinside",
            "$HOME `id` $(id) ; & | > < * ? !",
            "%PATH% ^",
            "-",
            "--",
            "ünïcödé ☃ 😀",
            string.Empty,
        ];

        DispatchTask task = Run("args-json", arguments);

        Assert.Equal(arguments, JsonSerializer.Deserialize<string[]>(string.Join("\n", TestProgram.Lines(task))));
    }

    [Fact]
    public void Without_arguments_there_are_none()
    {
        DispatchTask task = Run("args-json");

        Assert.Equal("[]", TestProgram.Lines(task).Single());
        Assert.Equal(TaskState.Completed, task.State);
        Assert.Equal(0, task.ExitCode);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(255)]
    public void An_exit_code_that_does_not_mean_success_fails_the_task(int code)
    {
        DispatchTask task = Run("stderr", "first", "last words", "--then", "exit", Text(code));

        Assert.Equal(TaskState.Failed, task.State);
        Assert.Equal(code, task.ExitCode);
        ExecutableException error = Assert.IsType<ExecutableException>(task.Exception);
        Assert.Equal(code, error.ExitCode);
        Assert.Equal(TestProgram.Path, error.FilePath);
        Assert.Contains("exit code " + Text(code), error.Message, StringComparison.Ordinal);
        Assert.True(task.HadErrors);
    }

    [Fact]
    public void The_error_of_a_failed_program_ends_with_its_last_words()
    {
        DispatchTask task = Run("stderr", "1", "2", "3", "4", "5", "last words", "--then", "exit", "1");

        Assert.EndsWith(string.Join(Environment.NewLine, "2", "3", "4", "5", "last words"), task.Exception!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Success_exit_codes_replace_the_0()
    {
        var options = new ExecutableOptions { SuccessExitCodes = [3, 5] };
        DispatchTask three = Send(new ExecutableTask(TestProgram.Path, ["exit", "3"], options));
        DispatchTask zero = Send(new ExecutableTask(TestProgram.Path, ["exit", "0"], options));

        Bounded.End([three, zero]);

        Assert.Equal(TaskState.Completed, three.State);
        Assert.Equal(3, three.ExitCode);
        Assert.False(three.HadErrors);
        Assert.Equal(TaskState.Failed, zero.State);
        Assert.Equal(0, zero.ExitCode);
    }

    [Fact]
    public void Standard_error_is_a_log_of_its_own_and_no_error()
    {
        DispatchTask task = Run("stderr", "one", "two", "--then", "echo", "out");

        Assert.Equal(TaskState.Completed, task.State);
        Assert.False(task.HadErrors);
        Assert.Equal(["out"], TestProgram.Lines(task));
        Assert.Equal(["one", "two"], TestProgram.Lines(task, RecordKind.StandardError));
        Assert.Single(task.TakeRecords());
        Assert.Equal(["one", "two"], TestProgram.Lines(task, RecordKind.StandardError));
        Assert.Empty(TestProgram.Lines(task));
    }

    [Fact]
    public void Long_output_arrives_whole_and_in_order()
    {
        DispatchTask task = Run("lines", "20000");

        Assert.Equal(Enumerable.Range(1, 20_000).Select(Text), TestProgram.Lines(task));
    }

    [Fact]
    public void Much_output_on_both_streams_at_once_does_not_block()
    {
        DispatchTask task = Run("both", "2000000");

        Assert.Equal(TaskState.Completed, task.State);
        Assert.InRange(TestProgram.Lines(task).Sum(line => line.Length + 1), 2_000_000, 2_000_001);
        Assert.InRange(TestProgram.Lines(task, RecordKind.StandardError).Sum(line => line.Length + 1), 2_000_000, 2_000_001);
    }

    [Fact]
    public void Output_without_a_final_newline_and_invalid_bytes_arrive()
    {
        DispatchTask task = Run("invalid-utf8", "--then", "unended", "the end");

        string[] lines = TestProgram.Lines(task);
        Assert.Equal(2, lines.Length);
        Assert.Contains('\uFFFD', lines[0]);
        Assert.StartsWith("a", lines[0], StringComparison.Ordinal);
        Assert.EndsWith("z", lines[0], StringComparison.Ordinal);
        Assert.Equal("the end", lines[1]);
    }

    [Fact]
    public void Standard_input_is_empty()
    {
        DispatchTask task = Run("stdin");

        Assert.Equal(TaskState.Completed, task.State);
        Assert.Empty(TestProgram.Lines(task));
        Assert.Equal("0", TestProgram.Lines(task, RecordKind.StandardError).Single());
    }

    [Fact]
    public void Variables_are_added_inherited_and_removed()
    {
        const string Added = "DISPATCHER_CORE_TEST_ADDED";
        const string Inherited = "DISPATCHER_CORE_TEST_INHERITED";
        const string Removed = "DISPATCHER_CORE_TEST_REMOVED";
        Environment.SetEnvironmentVariable(Inherited, "from outside");
        Environment.SetEnvironmentVariable(Removed, "still here");
        var options = new ExecutableOptions
        {
            Environment = new Dictionary<string, string?> { [Added] = "a = \"b\" c", [Removed] = null },
        };

        DispatchTask added = Send(new ExecutableTask(TestProgram.Path, ["env", Added], options));
        DispatchTask inherited = Send(new ExecutableTask(TestProgram.Path, ["env", Inherited], options));
        DispatchTask removed = Send(new ExecutableTask(TestProgram.Path, ["env", Removed], options));
        DispatchTask notAdded = Send(new ExecutableTask(TestProgram.Path, ["env", Added]));

        Bounded.End([added, inherited, removed, notAdded]);
        Assert.Equal(["a = \"b\" c"], TestProgram.Lines(added));
        Assert.Equal(["from outside"], TestProgram.Lines(inherited));
        Assert.Equal(1, removed.ExitCode);
        Assert.Equal(1, notAdded.ExitCode);
        Assert.Equal("still here", Environment.GetEnvironmentVariable(Removed));
    }

    [Fact]
    public void It_runs_in_its_working_directory()
    {
        string folder = Directory.CreateTempSubdirectory("dispatcher core ").FullName;
        try
        {
            DispatchTask there = Send(new ExecutableTask(TestProgram.Path, ["cwd"], new ExecutableOptions { WorkingDirectory = folder }));
            DispatchTask here = Send(new ExecutableTask(TestProgram.Path, ["cwd"]));

            Bounded.End([there, here]);

            Assert.Equal(Path.GetFileName(folder), Path.GetFileName(TestProgram.Lines(there).Single()));
            Assert.Equal(Environment.CurrentDirectory, TestProgram.Lines(here).Single());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void An_executable_that_is_not_there_fails_the_task()
    {
        DispatchTask task = Send(new ExecutableTask("no-such-program-" + Guid.NewGuid().ToString("N")));

        Assert.Equal(TaskState.Failed, Bounded.End(task));
        ExecutableException error = Assert.IsType<ExecutableException>(task.Exception);
        Assert.Null(error.ExitCode);
        Assert.Null(task.ExitCode);
        Assert.Contains("no-such-program-", error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.InnerException);
        Blocker.CheckStrength(_dispatcher, 2);
    }

    [Fact]
    public void A_working_directory_that_is_not_there_is_named()
    {
        string folder = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N"));
        DispatchTask task = Send(new ExecutableTask(TestProgram.Path, ["cwd"], new ExecutableOptions { WorkingDirectory = folder }));

        Assert.Equal(TaskState.Failed, Bounded.End(task));
        Assert.Contains(folder, task.Exception!.Message, StringComparison.Ordinal);
    }

    [ShellFact]
    public void A_program_is_found_in_the_path()
    {
        DispatchTask task = TestProgram.Shell("echo found");
        _dispatcher.Send(task);

        Assert.Equal(TaskState.Completed, Bounded.End(task));
        Assert.Equal(["found"], TestProgram.Lines(task));
    }

    [ShellFact]
    public void A_program_that_a_signal_ends_fails()
    {
        DispatchTask task = TestProgram.Shell("kill -9 $$");
        _dispatcher.Send(task);

        Assert.Equal(TaskState.Failed, Bounded.End(task));
        Assert.Equal(128 + 9, task.ExitCode);
    }

    [ShellFact]
    public void A_failing_program_is_tried_again()
    {
        string file = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N"));
        try
        {
            DispatchTask task = TestProgram.Shell("test -e '" + file + "' && exit 0; touch '" + file + "'; exit 9", new TaskOptions { Retries = 2 });
            _dispatcher.Send(task);

            Assert.Equal(TaskState.Completed, Bounded.End(task));
            Assert.Equal(2, task.Attempt);
            Assert.Equal(0, task.ExitCode);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [ShellFact]
    public void Many_programs_one_after_the_other_have_each_its_own_output()
    {
        DispatchTask[] tasks = [.. Enumerable.Range(0, 200).Select(i => TestProgram.Shell("echo " + Text(i) + "; echo e" + Text(i) + " >&2"))];
        Array.ForEach(tasks, task => _dispatcher.Send(task));

        Bounded.End(tasks);

        for (int i = 0; i < tasks.Length; i++)
        {
            Assert.Equal(TaskState.Completed, tasks[i].State);
            Assert.Equal([Text(i)], TestProgram.Lines(tasks[i]));
            Assert.Equal(["e" + Text(i)], TestProgram.Lines(tasks[i], RecordKind.StandardError));
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private DispatchTask Run(string verb, params string[] arguments)
    {
        DispatchTask task = Send(new ExecutableTask(TestProgram.Path, arguments.Prepend(verb)));
        Bounded.End(task);
        return task;
    }

    private DispatchTask Send(ExecutableTask body)
    {
        var task = new DispatchTask(body);
        _dispatcher.Send(task);
        return task;
    }
}
