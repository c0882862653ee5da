using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Threading;
using Dispatching.Tests.Support;
using Xunit;

namespace Dispatching.Tests.Logging;

public sealed class TaskLogTests : IDisposable
{
    private static readonly string[] s_properties =
    [
        "dispatcher", "process", "id", "name", "input", "state", "attempt", "queuedAt", "startedAt", "endedAt", "waitSeconds", "durationSeconds",
        "worker", "exitCode", "error",
    ];

    private readonly string _folder = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
    private readonly FakeClock _clock = new();

    private string LogPath => Path.Combine(_folder, "tasks.jsonl");

    public void Dispose()
    {
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    [Fact]
    public void A_line_tells_what_became_of_a_task()
    {
        using Dispatcher dispatcher = Create();
        using var started = new Gate("the task to start");
        using var goOn = new Gate("the clock to move");
        DispatchTask task = Body.Task(
            context =>
            {
                started.Open();
                goOn.Wait();
                context.SetExitCode(3);
                throw new InvalidOperationException("It broke.");
            },
            new TaskOptions { Name = "mine" },
            input: 1.5);
        dispatcher.Dispatch(task);
        _clock.AdvanceSeconds(2);
        dispatcher.Run();
        started.Wait();
        _clock.Advance(TimeSpan.FromTicks(12_345_678));
        goOn.Open();
        Bounded.Quit(dispatcher, drain: true);

        JsonElement line = Assert.Single(ReadLog());

        Assert.Equal(s_properties, line.EnumerateObject().Select(property => property.Name));
        Assert.Equal("logged", line.GetProperty("dispatcher").GetString());
        Assert.Equal(Environment.ProcessId, line.GetProperty("process").GetInt32());
        Assert.Equal(task.Id, line.GetProperty("id").GetInt64());
        Assert.Equal("mine", line.GetProperty("name").GetString());
        Assert.Equal("1.5", line.GetProperty("input").GetString());
        Assert.Equal("Failed", line.GetProperty("state").GetString());
        Assert.Equal(1, line.GetProperty("attempt").GetInt32());
        Assert.Equal(task.QueuedAt, Date("queuedAt"));
        Assert.Equal(task.StartedAt, Date("startedAt"));
        Assert.Equal(task.EndedAt, Date("endedAt"));
        Assert.Equal(2m, line.GetProperty("waitSeconds").GetDecimal());
        Assert.Equal("1.2345678", line.GetProperty("durationSeconds").GetRawText());
        Assert.Equal(1, line.GetProperty("worker").GetInt32());
        Assert.Equal(3, line.GetProperty("exitCode").GetInt32());
        Assert.Equal("It broke.", line.GetProperty("error").GetString());

        DateTimeOffset Date(string name) => DateTimeOffset.ParseExact(line.GetProperty(name).GetString()!, "o", CultureInfo.InvariantCulture);
    }

    [Fact]
    public void What_a_task_does_not_have_is_null()
    {
        using Dispatcher dispatcher = Create();
        DispatchTask task = Body.Nothing();
        dispatcher.Dispatch(task);
        dispatcher.Dispose();
        Bounded.Quit(dispatcher, drain: false);

        JsonElement line = Assert.Single(ReadLog());

        Assert.Equal("Stopped", line.GetProperty("state").GetString());
        Assert.Equal("Task" + task.Id, line.GetProperty("name").GetString());
        Assert.All(
            ["input", "startedAt", "durationSeconds", "worker", "exitCode", "error"],
            name => Assert.Equal(JsonValueKind.Null, line.GetProperty(name).ValueKind));
    }

    public static TheoryData<string> Texts =>
    [
        "plain",
        string.Empty,
        "\"quoted\" \\ back/slash",
        "line\nfeed\r\nreturn\ttab\0\u0001\u001F\u007F\u0085\u2028\u2029",
        "äöü € \u4E2D\u6587 \uD83D\uDE00",
    ];

    [Theory]
    [MemberData(nameof(Texts))]
    public void Any_text_comes_back_as_it_was(string text)
    {
        Write(Body.Task(_ => throw new InvalidOperationException(text), new TaskOptions { Name = text }, input: text));

        string line = Assert.Single(File.ReadAllText(LogPath).Split('\n', StringSplitOptions.RemoveEmptyEntries));

        Assert.DoesNotContain(line, char.IsControl);
        JsonElement read = Parse(line);
        Assert.Equal(text, read.GetProperty("name").GetString());
        Assert.Equal(text, read.GetProperty("input").GetString());
        Assert.Equal(text, read.GetProperty("error").GetString());
    }

    [Theory]
    [InlineData(@"a\uD83D", @"a\uFFFD")]
    [InlineData(@"\uDE00b", @"\uFFFDb")]
    [InlineData(@"\uDE00\uD83D", @"\uFFFD\uFFFD")]
    [InlineData(@"\uD83D\uD83D\uDE00", @"\uFFFD\uD83D\uDE00")]
    public void Half_a_character_is_replaced(string text, string expected)
    {
        // Escaped, because half a character does not survive the way of a test's data.
        Write(Body.Task(_ => { }, input: Regex.Unescape(text)));
        Assert.Equal(Regex.Unescape(expected), Assert.Single(ReadLog()).GetProperty("input").GetString());
    }

    [Fact]
    public void Long_text_is_cut_but_not_within_a_character()
    {
        string pairs = string.Concat(Enumerable.Repeat("\uD83D\uDE00", 600));
        Write(
            Body.Task(_ => throw new InvalidOperationException(new string('e', 5000)), new TaskOptions { Name = "n" + pairs }, input: new string('i', 1001)),
            Body.Task(_ => throw new InvalidOperationException(new string('e', 4000)), input: new string('i', 1000)));

        List<JsonElement> lines = ReadLog();

        Assert.Equal(new string('i', 999) + "…", lines[0].GetProperty("input").GetString());
        Assert.Equal(new string('e', 3999) + "…", lines[0].GetProperty("error").GetString());
        Assert.Equal("n" + pairs[..998] + "…", lines[0].GetProperty("name").GetString());
        Assert.Equal(new string('i', 1000), lines[1].GetProperty("input").GetString());
        Assert.Equal(new string('e', 4000), lines[1].GetProperty("error").GetString());
    }

    [Fact]
    public void Input_is_text_of_no_culture_and_never_runs_foreign_code()
    {
        CultureInfo before = CultureInfo.DefaultThreadCurrentCulture ?? CultureInfo.InvariantCulture;
        CultureInfo.DefaultThreadCurrentCulture = CultureInfo.GetCultureInfo("de-DE");
        try
        {
            Write(
                new object[]
                {
                    -1234567.5, 0.1m, true, 'c', DayOfWeek.Friday, TimeSpan.FromSeconds(1.5), new Version(1, 2),
                    new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc), new HostileText(),
                }.Select(input => Body.Task(_ => { }, input: input)).ToArray());
        }
        finally
        {
            CultureInfo.DefaultThreadCurrentCulture = before;
        }

        Assert.Equal(
            ["-1234567.5", "0.1", "True", "c", "Friday", "00:00:01.5000000", "1.2", "2026-01-02T03:04:05.0000000Z", typeof(HostileText).FullName],
            ReadLog().Select(line => line.GetProperty("input").GetString()));
    }

    [Fact]
    public void An_error_without_a_message_is_named_by_its_type()
    {
        Write(Body.Task(_ => throw new HostileException()));
        Assert.Equal(typeof(HostileException).FullName, Assert.Single(ReadLog()).GetProperty("error").GetString());
    }

    [Fact]
    public void Lines_are_utf8_without_a_mark_and_are_appended()
    {
        Write(Body.Task(_ => { }, input: "ä"));
        Write(Body.Task(_ => { }, input: "b"));

        byte[] bytes = File.ReadAllBytes(LogPath);
        Assert.Equal((byte)'{', bytes[0]);
        Assert.Equal((byte)'\n', bytes[^1]);
        Assert.Contains("\"ä\"", Encoding.UTF8.GetString(bytes), StringComparison.Ordinal);
        Assert.Equal(["ä", "b"], ReadLog().Select(line => line.GetProperty("input").GetString()));
    }

    [Fact]
    public void Half_a_line_of_an_earlier_crash_spoils_no_other()
    {
        Directory.CreateDirectory(_folder);
        File.WriteAllText(LogPath, "{\"dispatcher\":\"lost\"}\n{\"dispa");

        Write(Body.Nothing(), Body.Nothing());

        string[] lines = File.ReadAllLines(LogPath);
        Assert.Equal(4, lines.Length);
        Assert.Equal("{\"dispa", lines[1]);
        Assert.All(lines.Skip(2), line => Assert.Equal("Completed", Parse(line).GetProperty("state").GetString()));
    }

    [Fact]
    public void Several_dispatchers_share_a_file_and_mix_no_lines()
    {
        const int TasksEach = 500;
        Bounded.OnThreads(4, index =>
        {
            using var dispatcher = new Dispatcher(new DispatcherOptions { Name = "d" + index, LogPath = LogPath });
            dispatcher.Run();
            for (int i = 0; i < TasksEach; i++)
            {
                dispatcher.Send(Body.Task(_ => { }, input: new string((char)('a' + index), 100)));
            }

            Bounded.Quit(dispatcher, drain: true);
        });

        List<JsonElement> lines = ReadLog();
        Assert.Equal(4 * TasksEach, lines.Count);
        Assert.All(lines.GroupBy(line => line.GetProperty("dispatcher").GetString()), group => Assert.Equal(TasksEach, group.Count()));
    }

    [Fact]
    public void The_file_can_be_read_and_moved_while_tasks_run()
    {
        using Dispatcher dispatcher = Create();
        dispatcher.Run();
        DispatchTask first = Body.Nothing();
        dispatcher.Dispatch(first);
        Bounded.Until(() => ReadShared() is { Length: > 0 } text && text[^1] == '\n', "the line of the task to be there while the dispatcher runs");

        Bounded.Quit(dispatcher, drain: true);
        File.Move(LogPath, LogPath + ".1");
        dispatcher.Run();
        DispatchTask second = Body.Nothing();
        dispatcher.Dispatch(second);
        Bounded.Quit(dispatcher, drain: true);

        Assert.Equal(second.Id, Assert.Single(ReadLog()).GetProperty("id").GetInt64());
        Assert.Equal(first.Id, Parse(File.ReadAllText(LogPath + ".1")).GetProperty("id").GetInt64());
    }

    [Theory]
    [InlineData(".")]
    [InlineData("file/below")]
    [InlineData("")]
    public void A_path_that_is_no_use_is_an_error_before_any_task(string path)
    {
        Directory.CreateDirectory(_folder);
        File.WriteAllText(Path.Combine(_folder, "file"), "x");

        Assert.ThrowsAny<IOException>(() => new Dispatcher(new DispatcherOptions { LogPath = path.Length == 0 ? path : Path.Combine(_folder, path) }));
    }

    [LinuxFact]
    public void A_full_disk_fails_no_task_and_is_told_once()
    {
        using var heard = new BlockingCollection<DispatcherLogFailedEventArgs>();
        using var dispatcher = new Dispatcher(new DispatcherOptions { LogPath = "/dev/full" });
        dispatcher.LogFailed += (_, e) => heard.Add(e);
        Assert.Null(dispatcher.LogError);
        dispatcher.Run();
        for (int i = 0; i < 3; i++)
        {
            DispatchTask task = Body.Nothing();
            dispatcher.Send(task);
            Assert.Equal(TaskState.Completed, Bounded.End(task));
            Bounded.Until(() => dispatcher.LogError is not null, "the write to fail");
        }

        Bounded.Quit(dispatcher, drain: true);

        Assert.True(heard.TryTake(out DispatcherLogFailedEventArgs? told, Bounded.Limit));
        Assert.Equal("/dev/full", told.Path);
        Assert.Same(dispatcher.LogError, told.Exception);
        Assert.IsType<IOException>(told.Exception, exactMatch: false);
        Assert.Empty(heard);
    }

    [LinuxFact]
    public void A_pipe_that_nobody_reads_is_an_error_and_does_not_hang()
    {
        Directory.CreateDirectory(_folder);
        using (System.Diagnostics.Process made = System.Diagnostics.Process.Start("mkfifo", [LogPath]))
        {
            made.WaitForExit();
        }

        Bounded.Do(() => Assert.ThrowsAny<IOException>(() => Create()), "the path to be refused");
    }

    [LinuxFact]
    public void An_idle_dispatcher_has_no_thread_and_no_open_file_for_its_log()
    {
        using Dispatcher dispatcher = Create();
        dispatcher.Run();
        DispatchTask task = Body.Nothing();
        dispatcher.Dispatch(task);
        Bounded.End(task);
        Bounded.Until(() => ReadShared().Length > 0, "the line to be written");

        Bounded.Until(() => !OpenFiles().Contains(LogPath), "the file to be closed");
    }

    [Fact]
    public void Without_a_path_there_is_no_log()
    {
        using var dispatcher = new Dispatcher(1, 1, 1);
        Assert.Null(dispatcher.LogPath);
        Assert.Null(dispatcher.LogError);
    }

    private Dispatcher Create() => new(new DispatcherOptions { Name = "logged", LogPath = LogPath, Clock = _clock });

    private void Write(params DispatchTask[] tasks)
    {
        using var dispatcher = new Dispatcher(new DispatcherOptions { LogPath = LogPath, MinWorkers = 1, MaxWorkers = 1 });
        Array.ForEach(tasks, task => dispatcher.Send(task));
        dispatcher.Run();
        Bounded.Quit(dispatcher, drain: true);
    }

    private List<JsonElement> ReadLog() => [.. File.ReadLines(LogPath).Select(Parse)];

    private string ReadShared()
    {
        using var reader = new StreamReader(new FileStream(LogPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return reader.ReadToEnd();
    }

    private static JsonElement Parse(string line) => JsonDocument.Parse(line).RootElement;

    private static IEnumerable<string?> OpenFiles() => Directory.EnumerateFiles("/proc/self/fd").Select(file => new FileInfo(file).LinkTarget);

    private sealed class HostileText
    {
        public override string ToString() => throw new InvalidOperationException("no text");
    }

    private sealed class HostileException : Exception
    {
        public override string Message => throw new InvalidOperationException("no message");
    }
}
