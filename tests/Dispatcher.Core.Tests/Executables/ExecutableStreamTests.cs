using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using Dispatching.Tests.Support;
using Xunit;

namespace Dispatching.Tests.Executables;

/// <summary>What goes into an executable and what comes out.</summary>
public class ExecutableStreamTests : IDisposable
{
    private readonly Dispatcher _dispatcher = new(new DispatcherOptions { MinWorkers = 1, MaxWorkers = 2, TaskTimeout = Bounded.Limit });
    private readonly string _folder = Directory.CreateTempSubdirectory("dispatcher streams ").FullName;

    public ExecutableStreamTests() => _dispatcher.Run();

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        _dispatcher.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Text_is_read_as_it_is()
    {
        DispatchTask task = Run(Echo(ExecutableInput.FromText("one\r\ntwo, ü 漢 🙂", encoding: null), ExecutableOutput.Text));

        Assert.Equal("one\r\ntwo, ü 漢 🙂", Only(task));
    }

    [Fact]
    public void Lines_are_read_each_with_a_line_end()
    {
        DispatchTask task = Run(Echo(ExecutableInput.FromLines(["one", "", "three"]), ExecutableOutput.Text));

        Assert.Equal(string.Join(Environment.NewLine, "one", "", "three", ""), Only(task));
    }

    [Fact]
    public void Bytes_pass_untouched_in_both_directions()
    {
        byte[] bytes = new byte[3_000_000];
        new Random(1).NextBytes(bytes);

        DispatchTask task = Run(Echo(ExecutableInput.FromBytes(bytes), ExecutableOutput.Bytes));

        Assert.Equal(bytes, (byte[]?)Only(task));
    }

    [Fact]
    public void A_file_is_read()
    {
        string file = Path.Combine(_folder, "in put");
        File.WriteAllText(file, "content");

        Assert.Equal("content", Only(Run(Echo(ExecutableInput.FromFile(file), ExecutableOutput.Text))));
    }

    [Fact]
    public void A_file_that_is_not_there_fails_the_task_and_is_named()
    {
        string file = Path.Combine(_folder, "missing");

        DispatchTask task = Run(Echo(ExecutableInput.FromFile(file), ExecutableOutput.Text));

        Assert.Equal(TaskState.Failed, task.State);
        Assert.Contains(file, task.Exception!.Message, StringComparison.Ordinal);
        Assert.Null(task.ExitCode);
    }

    [Fact]
    public void A_program_that_does_not_read_its_input_does_no_harm()
    {
        var input = ExecutableInput.FromBytes(new byte[5_000_000]);

        DispatchTask[] tasks = [.. Enumerable.Range(0, 5).Select(_ => Send(new ExecutableTask(TestProgram.Path, ["echo", "done"]) { StandardInput = input }))];

        Bounded.End(tasks);
        Assert.All(tasks, task => Assert.Equal(TaskState.Completed, task.State));
        Assert.All(tasks, task => Assert.Equal(["done"], TestProgram.Lines(task)));
    }

    [Theory]
    [InlineData(ExecutableOutput.Text, "")]
    [InlineData(ExecutableOutput.Bytes, "")]
    [InlineData(ExecutableOutput.Lines, null)]
    public void No_output_is_an_empty_whole_and_no_line(ExecutableOutput output, string? expected)
    {
        DispatchTask task = Run(new ExecutableTask(TestProgram.Path, ["exit", "0"], new ExecutableOptions { Output = output }));

        object?[] values = [.. task.GetRecords().Select(record => record.Value is byte[] bytes ? Encoding.UTF8.GetString(bytes) : record.Value)];
        Assert.Equal(expected is null ? [] : [expected], values);
    }

    [Theory]
    [InlineData("a\nb\n", "a|b")]
    [InlineData("a\r\nb\r\n", "a|b")]
    [InlineData("1%\r2%\rdone", "1%|2%|done")]
    [InlineData("\n\r\n\n", "||")]
    [InlineData("a\r\r\nb", "a||b")]
    [InlineData("\uFEFFmarked\n\uFEFF", "marked|\uFEFF")]
    public void Lines_end_with_any_line_end(string output, string expected)
    {
        Assert.Equal(expected.Split('|'), TestProgram.Lines(Run(Echo(ExecutableInput.FromText(output), ExecutableOutput.Lines))));
    }

    [Fact]
    public void Lines_come_whole_wherever_a_read_ends()
    {
        string[] lines = [.. Enumerable.Range(0, 3000).Select(i => new string('ü', i % 700) + i.ToString(CultureInfo.InvariantCulture))];
        var input = ExecutableInput.FromText(string.Join("\r\n", lines));

        Assert.Equal(lines, TestProgram.Lines(Run(Echo(input, ExecutableOutput.Lines))));
    }

    [Theory]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    [InlineData("utf-32")]
    [InlineData("iso-8859-1")]
    public void Input_and_output_have_the_encoding_asked_for(string name)
    {
        var encoding = Encoding.GetEncoding(name);
        byte[] bytes = [.. encoding.GetPreamble(), .. encoding.GetBytes("grün\n")];
        var options = new ExecutableOptions { Encoding = encoding };

        Assert.Equal(bytes, (byte[]?)Only(Run(Echo(ExecutableInput.FromText("grün\n", encoding), ExecutableOutput.Bytes))));
        Assert.Equal(["grün"], TestProgram.Lines(Run(new ExecutableTask(TestProgram.Path, ["stdin"], options) { StandardInput = ExecutableInput.FromBytes(bytes) })));
    }

    [Fact]
    public void Invalid_bytes_are_replaced_even_where_the_encoding_would_throw()
    {
        var options = new ExecutableOptions { Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true) };

        DispatchTask task = Run(new ExecutableTask(TestProgram.Path, ["stdin"], options) { StandardInput = ExecutableInput.FromBytes([0x61, 0xFF, 0x7A]) });

        Assert.Equal(TaskState.Completed, task.State);
        Assert.Equal(["a\uFFFDz"], TestProgram.Lines(task));
    }

    [Fact]
    public void Both_streams_go_to_files_whose_folders_are_made()
    {
        string output = Path.Combine(_folder, "new", "deep", "out");
        string error = Path.Combine(_folder, "other", "err");

        DispatchTask task = Run(new ExecutableTask(TestProgram.Path, ["stderr", "bad", "--then", "lines", "3"]) { OutputFile = output, ErrorFile = error });

        Assert.Equal(["1", "2", "3"], File.ReadAllLines(output));
        Assert.Equal(["bad"], File.ReadAllLines(error));
        Assert.Empty(task.GetRecords());
        Assert.Empty(task.GetStandardError());
    }

    [Fact]
    public void Files_are_replaced_or_added_to()
    {
        string file = Path.Combine(_folder, "out");
        var append = new ExecutableOptions { Append = true };

        Run(new ExecutableTask(TestProgram.Path, ["echo", "a long first line"]) { OutputFile = file });
        Run(new ExecutableTask(TestProgram.Path, ["echo", "two"]) { OutputFile = file });
        Run(new ExecutableTask(TestProgram.Path, ["echo", "three"], append) { OutputFile = file });

        Assert.Equal(["two", "three"], File.ReadAllLines(file));
    }

    [Fact]
    public void Both_streams_may_go_to_one_file()
    {
        string file = Path.Combine(_folder, "all");

        Run(new ExecutableTask(TestProgram.Path, ["lines", "2", "--then", "stderr", "bad", "--then", "echo", "end"]) { OutputFile = file, ErrorFile = file });

        Assert.Equal(["1", "2", "bad", "end"], File.ReadAllLines(file).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_file_that_cannot_be_written_fails_the_task_and_is_named()
    {
        DispatchTask task = Run(new ExecutableTask(TestProgram.Path, ["echo", "x"]) { OutputFile = _folder });

        Assert.Equal(TaskState.Failed, task.State);
        Assert.Contains(_folder, task.Exception!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_failed_program_says_where_its_standard_error_is_or_what_it_was()
    {
        string file = Path.Combine(_folder, "err");

        DispatchTask toFile = Run(new ExecutableTask(TestProgram.Path, ["stderr", "why", "--then", "exit", "3"]) { ErrorFile = file });
        DispatchTask toTask = Run(new ExecutableTask(TestProgram.Path, ["stderr", "why", "because", "--then", "exit", "3"]));

        Assert.Contains(file, toFile.Exception!.Message, StringComparison.Ordinal);
        Assert.Empty(Assert.IsType<ExecutableException>(toFile.Exception).StandardError);
        Assert.Equal(["why", "because"], Assert.IsType<ExecutableException>(toTask.Exception).StandardError);
        Assert.Contains("'" + TestProgram.Path + "'", toTask.Exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("--then", toTask.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_of_standard_error_are_errors_when_asked()
    {
        var options = new ExecutableOptions { StandardErrorIsError = true };

        DispatchTask task = Run(new ExecutableTask(TestProgram.Path, ["stderr", "one", "two", "--then", "echo", "out"], options));

        Assert.Equal(TaskState.Completed, task.State);
        Assert.Equal(["one", "two"], TestProgram.Lines(task, RecordKind.Error));
        Assert.Equal(["one", "two"], task.GetStandardError());
        Assert.True(task.HadErrors);
    }

    private static ExecutableTask Echo(ExecutableInput input, ExecutableOutput output) =>
        new(TestProgram.Path, ["stdin"], new ExecutableOptions { Output = output }) { StandardInput = input };

    private static object? Only(DispatchTask task)
    {
        Assert.True(task.State == TaskState.Completed, task.Exception?.Message);
        return Assert.Single(task.GetRecords()).Value;
    }

    private DispatchTask Run(ExecutableTask body)
    {
        DispatchTask task = Send(body);
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
