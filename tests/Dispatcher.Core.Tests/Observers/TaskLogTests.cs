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

namespace Dispatching.Tests.Observers;

public sealed class TaskLogTests : IDisposable
{
    private static readonly string[] s_properties =
    [
        "dispatcher", "process", "id", "name", "input", "state", "attempt", "queuedAt", "startedAt", "endedAt", "waitSeconds", "durationSeconds",
        "worker", "exitCode", "error", "hadErrors", "firstError", "priority", "group", "computer",
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

    [Theory]
    [InlineData(LogInput.Name, "n", "7", null, null)]
    [InlineData(LogInput.Text, "<type>", "<type>", "a secret", "1")]
    [InlineData(LogInput.None, null, null, null, null)]
    public void LogInput_says_how_much_of_an_item_is_told(LogInput input, string? named, string? numbered, string? text, string? number)
    {
        object[] items = [new { Name = "n", Id = 7, Password = "a secret" }, new { Id = 7, Password = "a secret" }, "a secret", 1];
        using (var dispatcher = new Dispatcher(new DispatcherOptions { LogPath = LogPath, LogInput = input, MaxWorkers = 1 }))
        {
            Array.ForEach(items, item => dispatcher.Send(Body.Task(_ => { }, input: item)));
            dispatcher.Run();
            Bounded.Quit(dispatcher, drain: true);
        }

        Assert.Equal(
            [named == "<type>" ? items[0].GetType().FullName : named, numbered == "<type>" ? items[1].GetType().FullName : numbered, text, number],
            ReadLog().Select(line => line.GetProperty("input").GetString()));
    }

    [Fact]
    public void The_default_is_the_name_of_an_item() => Assert.Equal(LogInput.Name, new DispatcherOptions().LogInput);

    [Fact]
    public void An_item_is_told_of_as_it_was_when_it_was_sent()
    {
        var item = new Item { Name = "before" };
        using var dispatcher = new Dispatcher(new DispatcherOptions { LogPath = LogPath });
        dispatcher.Dispatch(Body.Task(_ => item.Name = "after", input: item));
        dispatcher.Run();
        Bounded.Quit(dispatcher, drain: true);
        Assert.Equal("before", Assert.Single(ReadLog()).GetProperty("input").GetString());
    }

    [Fact]
    public void Neither_arguments_nor_what_a_program_writes_are_in_its_error()
    {
        Write(new DispatchTask(new ExecutableTask("dotnet", ["no-such-command-secret"]) { StandardInput = ExecutableInput.FromText("secret") }));
        Assert.DoesNotContain("secret", File.ReadAllText(LogPath), StringComparison.Ordinal);
        Assert.Matches("^'.*dotnet.*' ended with exit code [0-9]+\\.$", Assert.Single(ReadLog()).GetProperty("error").GetString());
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
    [InlineData("moved")]
    [InlineData("deleted")]
    [InlineData("deleted with its folder")]
    [InlineData("replaced")]
    [InlineData("cut off")]
    [InlineData("emptied")]
    public void Each_line_is_in_the_old_file_or_the_new_one_whatever_happens_to_it(string what)
    {
        // No time passes between the tasks, so the log is at work all the while.
        using Dispatcher dispatcher = Create();
        dispatcher.Run();
        DispatchTask[] tasks = [Body.Nothing(), Body.Nothing()];
        dispatcher.Dispatch(tasks[0]);
        Bounded.Until(() => ReadShared() is { Length: > 0 } text && text[^1] == '\n', "the first line");
        switch (what)
        {
            case "moved":
                File.Move(LogPath, LogPath + ".1");
                break;
            case "deleted":
                File.Delete(LogPath);
                break;
            case "deleted with its folder":
                Directory.Delete(_folder, recursive: true);
                break;
            case "replaced":
                File.WriteAllText(LogPath + ".2", string.Empty);
                File.Move(LogPath + ".2", LogPath, overwrite: true);
                break;
            default:
                using (var file = new FileStream(LogPath, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete))
                {
                    file.SetLength(what == "emptied" ? 0 : 10);
                }

                break;
        }

        dispatcher.Dispatch(tasks[1]);
        Bounded.Until(() => File.Exists(LogPath) && ReadShared() is { Length: > 20 } text && text[^1] == '\n', "the second line");

        string[] lines = File.ReadAllLines(LogPath);
        Assert.Equal(tasks[1].Id, Parse(lines[^1]).GetProperty("id").GetInt64());
        Assert.Equal(what == "cut off" ? 2 : 1, lines.Length);
        Assert.Null(dispatcher.LogError);
        if (what == "moved")
        {
            Assert.Equal(tasks[0].Id, Parse(File.ReadAllText(LogPath + ".1")).GetProperty("id").GetInt64());
        }
    }

    [Fact]
    public void No_line_is_lost_while_the_file_is_moved_again_and_again()
    {
        const int Count = 3000;
        using Dispatcher dispatcher = Create();
        dispatcher.Run();
        int moves = 0;
        for (int i = 0; i < Count; i++)
        {
            dispatcher.Send(Body.Nothing());
            if (i % 100 == 99 && File.Exists(LogPath))
            {
                File.Move(LogPath, LogPath + "." + moves++.ToString(CultureInfo.InvariantCulture));
            }
        }

        Bounded.Quit(dispatcher, drain: true);
        Assert.Equal(Count, Directory.GetFiles(_folder).SelectMany(File.ReadLines).Select(line => Parse(line).GetProperty("id").GetInt64()).Distinct().Count());
        Assert.NotEqual(0, moves);
    }

    [Fact]
    public void A_file_that_is_made_is_for_its_owner_alone_and_one_that_is_there_stays_as_it_is()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        Write(Body.Nothing());
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(LogPath));
        const UnixFileMode Shared = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;
        File.SetUnixFileMode(LogPath, Shared);
        Write(Body.Nothing());
        Assert.Equal(Shared, File.GetUnixFileMode(LogPath));
        Assert.Equal(2, ReadLog().Count);
    }

    [Fact]
    public void Each_period_of_failure_is_told_once_and_is_over_with_the_next_line()
    {
        using var heard = new BlockingCollection<DispatcherLogFailedEventArgs>();
        using Dispatcher dispatcher = Create();
        dispatcher.LogFailed += (_, e) => heard.Add(e);
        dispatcher.Run();
        for (int period = 0; period < 3; period++)
        {
            File.Delete(LogPath);
            Directory.CreateDirectory(LogPath);
            Bounded.End(Send());
            Bounded.Until(() => dispatcher.LogError is not null, "the write to fail");
            Assert.True(heard.TryTake(out DispatcherLogFailedEventArgs? told, Bounded.Limit));
            Assert.Same(dispatcher.LogError, told.Exception);
            Assert.Contains("is a folder", told.Exception.Message, StringComparison.Ordinal);
            Bounded.End(Send());

            Directory.Delete(LogPath);
            DispatchTask back = Send();
            Bounded.Until(() => File.Exists(LogPath) && ReadShared().Contains("\"id\":" + back.Id + ",", StringComparison.Ordinal), "the line after the failure");
            Bounded.Until(() => dispatcher.LogError is null, "the failure to be over");
        }

        Bounded.Quit(dispatcher, drain: true);
        Assert.Empty(heard);

        DispatchTask Send()
        {
            DispatchTask task = Body.Nothing();
            dispatcher.Dispatch(task);
            return task;
        }
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

    private Dispatcher Create() => new(new DispatcherOptions { Name = "logged", LogPath = LogPath, LogInput = LogInput.Text, Clock = _clock });

    private void Write(params DispatchTask[] tasks)
    {
        using var dispatcher = new Dispatcher(new DispatcherOptions { LogPath = LogPath, LogInput = LogInput.Text, MinWorkers = 1, MaxWorkers = 1 });
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

    private sealed class Item
    {
        public string? Name { get; set; }
    }

    private sealed class HostileText
    {
        public override string ToString() => throw new InvalidOperationException("no text");
    }

    private sealed class HostileException : Exception
    {
        public override string Message => throw new InvalidOperationException("no message");
    }
}
