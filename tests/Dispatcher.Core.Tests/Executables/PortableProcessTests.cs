using System;
using System.IO;
using System.Threading;
using Dispatching.Tests.Support;
using Xunit;

namespace Dispatching.Tests.Executables;

/// <summary>The same on the way that Windows and macOS go.</summary>
[Collection(AloneCollection.Name)]
public sealed class PortableStreamTests : ExecutableStreamTests
{
    public PortableStreamTests() => PortableProcessTests.Use(true);

    protected override void Dispose(bool disposing)
    {
        PortableProcessTests.Use(false);
        base.Dispose(disposing);
    }
}

/// <summary>How executables end on the way that Windows and macOS go.</summary>
[Collection(AloneCollection.Name)]
public sealed class PortableProcessTests : IDisposable
{
    private readonly Dispatcher _dispatcher = new(new DispatcherOptions { MinWorkers = 1, MaxWorkers = 2, TaskTimeout = Timeout.InfiniteTimeSpan, StopGrace = TimeSpan.FromSeconds(0.3) });

    public PortableProcessTests()
    {
        Use(true);
        _dispatcher.Run();
    }

    public void Dispose()
    {
        Use(false);
        _dispatcher.Dispose();
    }

    internal static void Use(bool isPortable) => AppContext.SetSwitch("Dispatching.PortableProcesses", isPortable);

    [LinuxFact]
    public void A_stop_ends_the_whole_tree()
    {
        DispatchTask task = TestProgram.Shell("sh -c 'trap \"\" TERM; echo $$; exec sleep 300' & echo $$; wait");
        _dispatcher.Send(task);
        LivingProcess[] processes = TestProgram.WaitForProcesses(task, 2);

        Assert.True(task.Stop());

        Assert.Equal(TaskState.Stopped, Bounded.End(task));
        LivingProcess.CheckAllGone(processes);
        Blocker.CheckStrength(_dispatcher, 2);
    }

    [LinuxFact]
    public void What_a_program_leaves_behind_is_ended_whether_it_holds_the_output_or_not()
    {
        foreach (string redirection in new[] { string.Empty, "</dev/null >/dev/null 2>&1" })
        {
            DispatchTask task = TestProgram.Shell("sleep 300 " + redirection + " & echo $!; sleep 0.3");
            _dispatcher.Send(task);
            LivingProcess[] processes = TestProgram.WaitForProcesses(task, 1);

            Assert.Equal(TaskState.Completed, Bounded.End(task));
            LivingProcess.CheckAllGone(processes);
        }
    }

    [LinuxTheory]
    [InlineData("echo x; exec sleep 300")]
    [InlineData("exec yes")]
    public void A_full_disk_is_the_error_of_the_task_and_ends_its_program(string script)
    {
        var task = new DispatchTask(new ExecutableTask("sh", ["-c", script]) { OutputFile = "/dev/full" });
        _dispatcher.Send(task);

        Assert.Equal(TaskState.Failed, Bounded.End(task));
        Assert.IsType<IOException>(task.Exception);
        DispatchTask next = TestProgram.Shell("echo well");
        _dispatcher.Send(next);
        Assert.Equal(TaskState.Completed, Bounded.End(next));
        Assert.Equal(["well"], TestProgram.Lines(next));
    }

    [ShellFact]
    public void An_existing_file_is_kept_when_the_program_cannot_start_and_replaced_when_it_does()
    {
        string file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        File.WriteAllText(file, "what was there before");
        var wrong = new DispatchTask(new ExecutableTask("no-such-program-anywhere") { OutputFile = file });
        _dispatcher.Send(wrong);
        Assert.Equal(TaskState.Failed, Bounded.End(wrong));
        Assert.Equal("what was there before", File.ReadAllText(file));

        var right = new DispatchTask(new ExecutableTask("echo", ["new"]) { OutputFile = file });
        _dispatcher.Send(right);
        Assert.Equal(TaskState.Completed, Bounded.End(right));
        Assert.Equal("new\n", File.ReadAllText(file));
        File.Delete(file);
    }

    [ShellFact]
    public void An_exit_code_above_128_is_told_with_the_signal_that_it_may_mean()
    {
        DispatchTask task = TestProgram.Shell("kill -9 $$");
        _dispatcher.Send(task);

        Assert.Equal(TaskState.Failed, Bounded.End(task));
        Assert.Equal(137, task.ExitCode);
        Assert.Contains("SIGKILL", task.Exception!.Message, StringComparison.Ordinal);
    }
}
