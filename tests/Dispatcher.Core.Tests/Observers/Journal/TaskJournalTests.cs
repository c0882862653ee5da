using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using CsCheck;
using Dispatching.Tests.Support;
using Xunit;

namespace Dispatching.Tests.Observers;

public sealed class TaskJournalTests : IDisposable
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName(), "journal");
    private readonly ConcurrentQueue<string> _ran = new();

    private string JournalFile => Path.Combine(_folder, "journal.jsonl");

    public void Dispose()
    {
        if (Directory.Exists(Path.GetDirectoryName(_folder)))
        {
            Directory.Delete(Path.GetDirectoryName(_folder)!, recursive: true);
        }
    }

    [Fact]
    public void What_has_completed_is_not_run_again_and_has_the_output_that_it_had()
    {
        DispatchTask[] first = Run(["a", "b"], (key, context) => Write(context, "of " + key, 5, null));
        DispatchTask[] second = Run(["b", "c", "a"], (key, context) => Write(context, "again " + key));
        Assert.Equal(["a", "b", "c"], _ran.Order());
        Assert.Equal([false, false], first.Select(task => task.FromJournal));
        Assert.Equal([true, false, true], second.Select(task => task.FromJournal));
        Assert.All(second, task => Assert.Equal(TaskState.Completed, task.State));
        Assert.Equal(["of b", 5, null], Output(second[0]));
        Assert.Equal(["again c"], Output(second[1]));
        Assert.Equal(["of a", 5, null], Output(second[2]));
    }

    [Fact]
    public void What_has_not_completed_is_run_again()
    {
        Run(["fails"], (_, _) => throw new InvalidOperationException("no"));
        Assert.Equal(TaskState.Failed, Assert.Single(DispatchJournal.Read(_folder)).State);
        DispatchTask again = Assert.Single(Run(["fails"], (_, context) => Write(context, "well")));
        Assert.False(again.FromJournal);
        DispatchJournalEntry entry = Assert.Single(DispatchJournal.Read(_folder));
        Assert.Equal(TaskState.Completed, entry.State);
        Assert.Equal(["fails", "fails"], _ran);
    }

    [Fact]
    public void An_entry_tells_what_became_of_a_task()
    {
        Run(["k"], (_, context) =>
        {
            context.SetExitCode(7);
            context.Write(RecordKind.Error, new InvalidOperationException("first"));
        });
        DispatchJournalEntry entry = Assert.Single(DispatchJournal.Read(_folder));
        Assert.Equal(("k", 1, TaskState.Completed, 1, 7), (entry.Key, entry.Occurrence, entry.State, entry.Attempt, entry.ExitCode));
        Assert.Equal((true, "first", true), (entry.HadErrors, entry.FirstError, entry.HasOutput));
        Assert.NotNull(entry.StartedAt);
        Assert.True(entry.Duration >= TimeSpan.Zero);
        Assert.Equal(7, Assert.Single(Run(["k"], (_, _) => { })).ExitCode);
    }

    [Fact]
    public void Equal_keys_are_told_apart_by_their_occurrence()
    {
        Run(["same", "same"], (_, context) => Write(context, _ran.Count), workers: 1);
        DispatchTask[] tasks = Run(["same", "same", "same"], (_, context) => Write(context, "third"), workers: 1);
        Assert.Equal([true, true, false], tasks.Select(task => task.FromJournal));
        Assert.Equal([1, 2, "third"], tasks.SelectMany(Output));
        Assert.Equal([1, 2, 3], DispatchJournal.Read(_folder).Select(entry => entry.Occurrence).Order());
    }

    [Fact]
    public void A_task_without_a_key_is_left_out()
    {
        for (int i = 0; i < 2; i++)
        {
            using Dispatcher dispatcher = Open();
            dispatcher.Run();
            DispatchTask task = Body.Task(_ => _ran.Enqueue("it"));
            dispatcher.Send(task);
            Bounded.Quit(dispatcher, drain: true);
            Assert.Null(task.Key);
        }

        Assert.Equal(["it", "it"], _ran);
        Assert.Empty(DispatchJournal.Read(_folder));
    }

    [Fact]
    public void Only_the_output_of_the_last_attempt_is_kept()
    {
        Run(["k"], (_, context) =>
        {
            Write(context, "attempt " + context.Attempt.ToString(CultureInfo.InvariantCulture));
            if (context.Attempt < 3)
            {
                throw new InvalidOperationException("not yet");
            }
        }, retries: 5);
        Assert.Equal(["attempt 3"], Output(Assert.Single(Run(["k"], (_, _) => { }))));
        Assert.Equal(3, Assert.Single(DispatchJournal.Read(_folder)).Attempt);
    }

    [Fact]
    public void Output_can_be_left_out_and_that_is_told()
    {
        Run(["k"], (_, context) => Write(context, "x"), output: JournalOutput.None);
        Assert.False(Assert.Single(DispatchJournal.Read(_folder)).HasOutput);
        using Dispatcher dispatcher = Open();
        dispatcher.Run();
        DispatchTask task = CreateTask("k", (_, _) => { });
        dispatcher.Send(task);
        Assert.True(task.FromJournal);
        Assert.Empty(Output(task));
        Assert.Contains("has no output of 1", dispatcher.Scheduler.Journal!.TakeOmittedWarning(), StringComparison.Ordinal);
        Assert.Null(dispatcher.Scheduler.Journal.TakeOmittedWarning());
    }

    [Fact]
    public void Output_above_the_limit_is_not_kept_and_a_warning_of_the_task_says_so()
    {
        DispatchTask task = Assert.Single(Run(["k"], (_, context) => Write(context, new string('x', 200)), limit: 100));
        Assert.Contains(task.GetRecords(), record => record.Kind == RecordKind.Warning && record.Value!.ToString()!.Contains("larger than the limit of 100 bytes", StringComparison.Ordinal));
        Assert.False(Assert.Single(DispatchJournal.Read(_folder)).HasOutput);
    }

    [Fact]
    public void Long_output_has_a_file_of_its_own_that_is_deleted_when_nothing_needs_it()
    {
        string text = new('y', 100_000);
        Run(["k"], (_, context) => Write(context, text));
        Assert.Single(Directory.GetFiles(Path.Combine(_folder, "outputs")));
        Assert.Equal([text], Output(Assert.Single(Run(["k"], (_, _) => { }))));
        DispatchJournal.Remove(_folder, DispatchJournal.Read(_folder));
        Run([], (_, _) => { });
        Assert.Empty(Directory.GetFiles(Path.Combine(_folder, "outputs")));
    }

    [Fact]
    public void A_missing_output_has_its_task_run_again()
    {
        Run(["k", "l"], (_, context) => Write(context, new string('y', 100_000)));
        File.Delete(Directory.GetFiles(Path.Combine(_folder, "outputs"))[0]);
        using Dispatcher dispatcher = Open();
        Assert.Contains("not there any more", Assert.Single(dispatcher.Scheduler.Journal!.TakeNotices()), StringComparison.Ordinal);
        dispatcher.Run();
        DispatchTask[] tasks = [CreateTask("k", (_, _) => { }), CreateTask("l", (_, _) => { })];
        Array.ForEach(tasks, task => dispatcher.Send(task));
        Bounded.End(tasks);
        Assert.Single(tasks, task => task.FromJournal);
    }

    [Fact]
    public void A_torn_last_line_is_dropped()
    {
        Run(["a", "b"], (key, context) => Write(context, key), workers: 1);
        using (FileStream file = File.Open(JournalFile, FileMode.Open))
        {
            file.SetLength(file.Length - 5);
        }

        using (Dispatcher dispatcher = Open())
        {
            Assert.Contains("was cut off", Assert.Single(dispatcher.Scheduler.Journal!.TakeNotices()), StringComparison.Ordinal);
        }

        Assert.Equal([true, false], Run(["a", "b"], (_, _) => { }).Select(task => task.FromJournal));
    }

    [Fact]
    public void Any_bit_that_has_flipped_costs_one_record_or_two_and_never_more()
    {
        Run([.. Enumerable.Range(0, 20).Select(i => "k" + i)], (key, context) => Write(context, key), workers: 1);
        byte[] whole = File.ReadAllBytes(JournalFile);
        int header = Array.IndexOf(whole, (byte)'\n');
        Gen.Int[header + 1, whole.Length - 2].Select(Gen.Int[0, 7]).Sample(
            (place, bit) =>
            {
                byte[] damaged = [.. whole];
                damaged[place] ^= (byte)(1 << bit);
                File.WriteAllBytes(JournalFile, damaged);
                using Dispatcher dispatcher = Open();
                Assert.Contains("damaged", string.Join("\n", dispatcher.Scheduler.Journal!.TakeNotices()), StringComparison.Ordinal);
                dispatcher.Run();
                DispatchTask[] tasks = [.. Enumerable.Range(0, 20).Select(i => CreateTask("k" + i, (_, _) => { }))];
                Array.ForEach(tasks, task => dispatcher.Send(task));
                Bounded.End(tasks);
                Assert.InRange(tasks.Count(task => task.FromJournal), 18, 19);
                Assert.All(tasks.Where(task => task.FromJournal), task => Assert.Equal([task.Key], Output(task)));
            },
            iter: 40,
            threads: 1);
    }

    [Fact]
    public void Output_that_was_damaged_meanwhile_is_an_error_that_says_what_to_do()
    {
        Run(["k"], (_, context) => Write(context, "abc"));
        using Dispatcher dispatcher = Open();
        dispatcher.Run();
        DispatchTask task = CreateTask("k", (_, _) => { });
        dispatcher.Send(task);
        File.WriteAllText(JournalFile, File.ReadAllText(JournalFile).Replace("abc", "abd", StringComparison.Ordinal));
        TaskRecord record = Assert.Single(task.GetRecords());
        Assert.Equal(RecordKind.Error, record.Kind);
        Assert.Contains("Remove-DispatchJournalEntry", Assert.IsType<JournalException>(record.Value).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void It_is_made_smaller_when_it_is_opened()
    {
        for (int i = 0; i < 5; i++)
        {
            Run(["k"], (_, _) => throw new InvalidOperationException("no"));
        }

        Run(["k"], (_, context) => Write(context, "x"));
        Run([], (_, _) => { });
        Assert.Equal(2, File.ReadAllLines(JournalFile).Length);
        Assert.Equal(["x"], Output(Assert.Single(Run(["k"], (_, _) => { }))));
    }

    [Fact]
    public void A_removed_entry_runs_again_and_the_others_do_not()
    {
        Run(["a", "b"], (_, _) => { });
        DispatchJournal.Remove(_folder, DispatchJournal.Read(_folder).Where(entry => entry.Key == "a"));
        Assert.Equal("b", Assert.Single(DispatchJournal.Read(_folder)).Key);
        Assert.Equal([false, true], Run(["a", "b"], (_, _) => { }).Select(task => task.FromJournal));
    }

    [Fact]
    public void It_can_be_read_while_a_run_is_writing()
    {
        using Dispatcher dispatcher = Open();
        dispatcher.Run();
        DispatchTask task = CreateTask("k", (_, _) => { });
        dispatcher.Send(task);
        Bounded.End(task);
        Assert.Equal("k", Assert.Single(DispatchJournal.Read(_folder)).Key);
    }

    [Fact]
    public void A_second_writer_gets_an_error_that_names_the_first()
    {
        using (Dispatcher first = Open("first"))
        {
            Assert.Contains("'first'", Assert.Throws<JournalException>(() => Open("second")).Message, StringComparison.Ordinal);
            Assert.Contains("'first'", Assert.Throws<JournalException>(() => DispatchJournal.Remove(_folder, [])).Message, StringComparison.Ordinal);
        }

        using Dispatcher third = Open("third");
        Assert.Equal(_folder, third.Scheduler.Journal!.Folder);
    }

    [Fact]
    public void One_that_is_about_to_close_is_waited_for()
    {
        using var gate = new Gate("the first to be let go");
        Dispatcher first = Open("first");
        first.Run();
        DispatchTask task = CreateTask("k", (_, _) => gate.Wait());
        first.Send(task);
        Bounded.Until(() => task.State == TaskState.Running, "the task to run");
        first.Dispose();
        Dispatcher? second = null;
        var opening = new Thread(() => second = Open("second"));
        opening.Start();
        gate.Open();
        Bounded.Join(opening, "the second to open");
        Assert.NotNull(second);
        second.Dispose();
    }

    [Fact]
    public void A_newer_version_is_refused()
    {
        Run(["k"], (_, _) => { });
        byte[] line = System.Text.Encoding.UTF8.GetBytes("{\"sum\":\"00000000\",\"journal\":2,\"more\":true}");
        string sum = JournalLine.Sum(line, 18, line.Length - 18);
        File.WriteAllText(JournalFile, "{\"sum\":\"" + sum + "\",\"journal\":2,\"more\":true}\n");
        Assert.Contains("newer version", Assert.Throws<JournalException>(() => Open()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("something else\n")]
    [InlineData("something else")]
    [InlineData("{ \"key\": 1 }\n{ \"key\": 2 }\n")]
    public void A_file_that_is_something_else_is_refused_and_left_as_it_is(string content)
    {
        Directory.CreateDirectory(_folder);
        File.WriteAllText(JournalFile, content);
        Assert.Contains("is no journal", Assert.Throws<JournalException>(() => Open()).Message, StringComparison.Ordinal);
        Assert.Equal(content, File.ReadAllText(JournalFile));
    }

    [Fact]
    public void A_file_in_place_of_the_folder_is_an_error_that_says_so()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder)!);
        File.WriteAllText(_folder, "x");
        Assert.Contains("a file, not a folder", Assert.Throws<JournalException>(() => Open()).Message, StringComparison.Ordinal);
    }

    [SmallDiskFact]
    public void A_full_disk_halts_the_dispatcher_and_loses_nothing_that_was_recorded()
    {
        Directory.CreateDirectory(_folder);
        using var small = new SmallDisk(_folder);
        string[] keys = [.. Enumerable.Range(0, 200).Select(i => "k" + i)];
        DispatchTask[] tasks = Run(keys, (_, context) => Write(context, new string('x', 2000)), workers: 1, expectHalt: true);
        Assert.Equal(1, tasks.Count(task => task.Exception is JournalException));
        Assert.All(tasks, task => Assert.True(task.State is TaskState.Completed or TaskState.Stopped || task.Exception is JournalException, task.State.ToString()));
        int completed = tasks.Count(task => task.State == TaskState.Completed);
        Assert.InRange(completed, 1, 199);
        Assert.Equal(completed, DispatchJournal.Read(_folder).Count(entry => entry.State == TaskState.Completed));
        small.Grow();
        Assert.Equal(completed, Run(keys, (_, _) => { }).Count(task => task.FromJournal));
    }

    [ShellFact]
    public void One_that_is_deleted_while_it_is_used_halts_the_dispatcher_soon()
    {
        using Dispatcher dispatcher = Open();
        dispatcher.Run();
        DispatchTask first = CreateTask("first", (_, _) => { });
        dispatcher.Send(first);
        Bounded.End(first);
        Directory.Delete(_folder, recursive: true);
        var sent = new List<DispatchTask>();
        Bounded.Until(
            () =>
            {
                try
                {
                    DispatchTask next = CreateTask("k" + sent.Count.ToString(CultureInfo.InvariantCulture), (_, _) => { });
                    dispatcher.Send(next);
                    sent.Add(next);
                    Bounded.End(next);
                }
                catch (DispatcherHaltedException)
                {
                    // Then it has.
                }

                return dispatcher.HaltReason is not null;
            },
            "the dispatcher to halt");
        Assert.Contains("deleted or moved", dispatcher.HaltReason!.Message, StringComparison.Ordinal);
        Assert.IsType<JournalException>(sent[^1].Exception);
    }

    [Fact]
    public void Skipped_tasks_do_not_count_for_a_share_of_failures()
    {
        string[] done = [.. Enumerable.Range(0, 100).Select(i => "k" + i)];
        Run(done, (_, _) => { });
        using var dispatcher = new Dispatcher(new DispatcherOptions { JournalPath = _folder, MaxWorkers = 1, MaxFailures = FailureLimit.OfPercentage(50) });
        Array.ForEach(done, key => dispatcher.Send(CreateTask(key, (_, _) => { })));
        for (int i = 0; i < 30; i++)
        {
            dispatcher.Send(CreateTask("fails" + i, (_, _) => throw new InvalidOperationException("no")));
        }

        dispatcher.Run();
        Bounded.Quit(dispatcher, drain: true);
        Assert.NotNull(dispatcher.HaltReason);
        Assert.Equal((100, 20, 10), (dispatcher.Statistics.Completed, dispatcher.Statistics.Failed, dispatcher.Statistics.Stopped));
    }

    [Fact]
    public void Keys_that_UTF_8_cannot_hold_are_told_apart()
    {
        string[] keys = ["\uD800", "\uD801", "\uFFFD", "a\uDC00b"];
        Run(keys, (_, context) => Write(context, "x"));
        Assert.Equal(4, DispatchJournal.Read(_folder).Count);
        Assert.All(Run(keys, (_, _) => { }), task => Assert.True(task.FromJournal));
    }

    [Fact]
    public void Skipped_tasks_need_no_worker_no_rate_and_nothing_that_they_depend_on()
    {
        Run(["k"], (_, context) => Write(context, "x"));
        using Dispatcher dispatcher = Open();
        DispatchTask never = Body.Nothing();
        dispatcher.Send(never);
        var task = new DispatchTask(new Body(_ => _ran.Enqueue("again")), new TaskOptions { Key = "k", DependsOn = [never], Delay = TimeSpan.FromHours(1) });
        dispatcher.Send(task);
        Assert.Equal(TaskState.Completed, task.State);
        Assert.Equal(["x"], Output(task));
        Assert.Equal((1, 1), (dispatcher.Statistics.Completed, dispatcher.Statistics.FromJournal));
    }

    private static void Write(TaskContext context, params object?[] values) => Array.ForEach(values, value => context.Write(RecordKind.Output, value));

    private static object?[] Output(DispatchTask task) => [.. task.GetRecords().Where(record => record.Kind == RecordKind.Output).Select(record => record.Value)];

    private Dispatcher Open(string name = "d") => new(new DispatcherOptions { Name = name, JournalPath = _folder });

    private DispatchTask CreateTask(string key, Action<string, TaskContext> body, int retries = 0) => new(
        new Body(context =>
        {
            _ran.Enqueue(key);
            body(key, context);
        }),
        new TaskOptions { Key = key, Retries = retries });

    /// <summary>One run: all that it has.</summary>
    private DispatchTask[] Run(
        string[] keys, Action<string, TaskContext> body, int workers = 2, int retries = 0, JournalOutput output = JournalOutput.Full, long limit = 1_000_000, bool expectHalt = false)
    {
        using var dispatcher = new Dispatcher(new DispatcherOptions
        {
            JournalPath = _folder,
            JournalOutput = output,
            JournalOutputLimit = limit,
            MaxWorkers = workers,
        });
        DispatchTask[] tasks = [.. keys.Select(key => CreateTask(key, body, retries))];
        Array.ForEach(tasks, task => dispatcher.Send(task));
        dispatcher.Run();
        Bounded.Quit(dispatcher, drain: true);
        Assert.Equal(expectHalt, dispatcher.HaltReason is not null);
        return tasks;
    }
}
