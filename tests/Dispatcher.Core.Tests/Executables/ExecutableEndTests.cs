using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using Dispatching.Tests.Support;
using Xunit;

namespace Dispatching.Tests.Executables;

/// <summary>How executables end, and what becomes of those they leave.</summary>
public sealed class ExecutableEndTests : IDisposable
{
    private readonly Dispatcher _dispatcher = new(new DispatcherOptions { MinWorkers = 1, MaxWorkers = 4, TaskTimeout = Timeout.InfiniteTimeSpan, StopGrace = TimeSpan.FromSeconds(0.3) });

    public ExecutableEndTests() => _dispatcher.Run();

    public void Dispose() => _dispatcher.Dispose();

    [LinuxTheory]
    [InlineData(9, "SIGKILL")]
    [InlineData(11, "SIGSEGV")]
    [InlineData(15, "SIGTERM")]
    public void A_signal_is_reported_as_such(int signal, string name)
    {
        DispatchTask task = Run(TestProgram.Shell("kill -" + Text(signal) + " $$"));

        Assert.Equal(TaskState.Failed, task.State);
        Assert.Equal(128 + signal, task.ExitCode);
        Assert.Equal(signal, Assert.IsType<ExecutableException>(task.Exception).Signal);
        Assert.Contains("signal " + name, task.Exception.Message, StringComparison.Ordinal);
    }

    [LinuxFact]
    public void An_exit_with_the_number_of_a_signal_is_no_signal()
    {
        DispatchTask task = Run(TestProgram.Shell("exit 137"));

        Assert.Equal(137, task.ExitCode);
        Assert.Null(Assert.IsType<ExecutableException>(task.Exception).Signal);
        Assert.Contains("exit code 137", task.Exception.Message, StringComparison.Ordinal);
    }

    [LinuxFact]
    public void A_writer_whose_reader_has_gone_ends_as_in_a_shell()
    {
        // Were the signal ignored, as it is in this process, yes would complain, or go on.
        DispatchTask task = Run(TestProgram.Shell("yes | head -n 1"));

        Assert.Equal(TaskState.Completed, task.State);
        Assert.Equal(["y"], TestProgram.Lines(task));
        Assert.Empty(task.GetStandardError());
    }

    [LinuxFact]
    public void A_program_has_no_terminal_to_ask()
    {
        DispatchTask task = Run(TestProgram.Shell("(: < /dev/tty) 2>/dev/null && echo terminal || echo none"));

        Assert.Equal(["none"], TestProgram.Lines(task));
    }

    [LinuxFact]
    public void A_program_that_has_closed_its_streams_is_waited_for()
    {
        string file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

        DispatchTask task = Run(TestProgram.Shell("exec >/dev/null 2>&1 </dev/null; sleep 0.3; echo done > '" + file + "'; exit 4"));

        Assert.Equal(4, task.ExitCode);
        Assert.True(File.Exists(file));
        File.Delete(file);
    }

    [LinuxFact]
    public void Children_are_kept_when_asked()
    {
        DispatchTask task = Keeping("sleep 300 </dev/null >/dev/null 2>&1 & echo $!");
        LivingProcess kept = TestProgram.WaitForProcesses(task, 1)[0];

        Assert.Equal(TaskState.Completed, Bounded.End(task));
        Assert.True(kept.IsAlive);
        Kill(kept);
    }

    [LinuxFact]
    public void A_kept_child_that_holds_the_output_does_not_hold_the_task()
    {
        DispatchTask task = Keeping("sleep 300 & echo $!");
        LivingProcess kept = TestProgram.WaitForProcesses(task, 1)[0];

        Assert.Equal(TaskState.Completed, Bounded.End(task));
        Assert.True(kept.IsAlive);
        Kill(kept);
    }

    [LinuxFact]
    public void Children_that_were_to_be_kept_end_with_a_task_that_is_stopped()
    {
        DispatchTask task = Keeping("sleep 300 </dev/null >/dev/null 2>&1 & echo $!; wait");
        LivingProcess[] children = TestProgram.WaitForProcesses(task, 1);

        Assert.True(task.Stop());

        Assert.Equal(TaskState.Stopped, Bounded.End(task));
        LivingProcess.CheckAllGone(children);
    }

    [LinuxFact]
    public void What_is_left_is_asked_before_it_is_killed()
    {
        string file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        DispatchTask task = Run(TestProgram.Shell("sh -c 'trap \"echo asked > " + file + "; exit\" TERM; echo $$; while :; do sleep 0.02; done' & sleep 0.3"));

        Assert.Equal(TaskState.Completed, task.State);
        Assert.Equal("asked", File.ReadAllText(file).Trim());
        File.Delete(file);
    }

    [LinuxFact]
    public void A_stopped_program_hears_the_request()
    {
        // It is stopped in the sense of job control, and could not even die politely if it were not woken.
        DispatchTask task = TestProgram.Shell("trap 'echo bye; exit' TERM; echo $$; kill -STOP $$; sleep 300");
        _dispatcher.Send(task);
        TestProgram.WaitForLines(task, 1);

        Assert.True(task.Stop());

        Assert.Equal(TaskState.Stopped, Bounded.End(task));
    }

    [LinuxFact]
    public void An_orphan_with_an_emptied_environment_is_found_by_its_session()
    {
        DispatchTask task = TestProgram.Shell("(env -i sleep 300 </dev/null >/dev/null 2>&1 & echo $!); exec sleep 300");
        _dispatcher.Send(task);
        LivingProcess[] processes = TestProgram.WaitForProcesses(task, 1);

        Assert.True(task.Stop());

        Assert.Equal(TaskState.Stopped, Bounded.End(task));
        LivingProcess.CheckAllGone(processes);
    }

    [LinuxFact]
    public void An_orphan_with_an_emptied_environment_and_its_own_session_is_the_one_not_found()
    {
        DispatchTask task = TestProgram.Shell("(setsid env -i sleep 300 </dev/null >/dev/null 2>&1 & echo $!); exec sleep 300");
        _dispatcher.Send(task);
        LivingProcess lost = TestProgram.WaitForProcesses(task, 1)[0];
        Bounded.Until(() => File.ReadAllText("/proc/" + Text(lost.Id) + "/cmdline").StartsWith("sleep", StringComparison.Ordinal), "the last of the programs that the process becomes");
        Bounded.Until(() => File.ReadLines("/proc/" + Text(lost.Id) + "/status").Contains("PPid:\t1") || !HasShellAsParent(lost), "the end of the shell that has started it");

        Assert.True(task.Stop());

        Assert.Equal(TaskState.Stopped, Bounded.End(task));
        Assert.True(lost.IsAlive, "It is found after all: the documentation says less than is so.");
        Kill(lost);
    }

    private static bool HasShellAsParent(LivingProcess process)
    {
        string parent = File.ReadLines("/proc/" + Text(process.Id) + "/status").First(line => line.StartsWith("PPid:", StringComparison.Ordinal)).Substring("PPid:".Length).Trim();
        return File.Exists("/proc/" + parent + "/comm") && File.ReadAllText("/proc/" + parent + "/comm").TrimEnd().EndsWith("sh", StringComparison.Ordinal);
    }

    [LinuxFact]
    public void Much_output_of_one_does_not_stall_others()
    {
        string fifo = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        DispatchTask much = TestProgram.Shell("mkfifo '" + fifo + "'; seq 1000000; read x < '" + fifo + "'");
        _dispatcher.Send(much);
        TestProgram.WaitForLines(much, 1);

        DispatchTask[] others = [.. Enumerable.Range(0, 50).Select(_ => TestProgram.Shell("echo x"))];
        Array.ForEach(others, task => _dispatcher.Send(task));
        Bounded.End(others);

        Assert.Equal(TaskState.Running, much.State);
        File.WriteAllText(fifo, "go\n");
        Assert.Equal(TaskState.Completed, Bounded.End(much));
        Assert.Equal(1_000_000, much.GetRecords().Length);
        File.Delete(fifo);
    }

    [LinuxFact]
    public void A_start_that_fails_by_a_limit_is_the_error_of_that_task()
    {
        // The kernel takes no argument of more than 128 KiB.
        DispatchTask tooLong = Run(new DispatchTask(new ExecutableTask("true", [new string('x', 200_000)])));
        DispatchTask impossible = Run(new DispatchTask(new ExecutableTask("true", ["a\0b"])));

        Assert.All(new[] { tooLong, impossible }, task =>
        {
            Assert.Equal(TaskState.Failed, task.State);
            Assert.Null(Assert.IsType<ExecutableException>(task.Exception).ExitCode);
        });
        Assert.Equal(TaskState.Completed, Run(TestProgram.Shell("exit 0")).State);
    }

    [LinuxFact]
    public void Real_programs_work_together()
    {
        string folder = Directory.CreateTempSubdirectory("dispatcher tar ").FullName;
        File.WriteAllText(Path.Combine(folder, "a file"), "content");
        DispatchTask packed = Run(new DispatchTask(new ExecutableTask("tar", ["-C", folder, "-cf", "-", "a file"], new ExecutableOptions { Output = ExecutableOutput.Bytes })));
        byte[] archive = (byte[])packed.GetRecords().Single().Value!;

        DispatchTask listed = Run(new DispatchTask(new ExecutableTask("tar", ["-xOf", "-"]) { StandardInput = ExecutableInput.FromBytes(archive) }));

        Assert.Equal(["content"], TestProgram.Lines(listed));
        Directory.Delete(folder, recursive: true);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static void Kill(LivingProcess process)
    {
        using var running = System.Diagnostics.Process.GetProcessById(process.Id);
        running.Kill();
    }

    private DispatchTask Keeping(string script)
    {
        var task = new DispatchTask(new ExecutableTask("sh", ["-c", script], new ExecutableOptions { KeepChildren = true }));
        _dispatcher.Send(task);
        return task;
    }

    private DispatchTask Run(DispatchTask task)
    {
        _dispatcher.Send(task);
        Bounded.End(task);
        return task;
    }
}
