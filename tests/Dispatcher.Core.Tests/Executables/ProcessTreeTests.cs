using System;
using System.Globalization;
using System.Threading;
using Dispatching.Tests.Support;
using Xunit;

namespace Dispatching.Tests.Executables;

/// <summary>Of what an executable has started nothing survives, however its task ends.</summary>
public sealed class ProcessTreeTests : IDisposable
{
    private readonly FakeClock _clock = new();
    private readonly Dispatcher _dispatcher;

    public ProcessTreeTests()
    {
        // The limits are those of the fake clock; only the grace for pipes that stay open is real.
        _dispatcher = new Dispatcher(new DispatcherOptions { MinWorkers = 1, MaxWorkers = 2, StopGrace = TimeSpan.FromSeconds(0.3), Clock = _clock });
        _dispatcher.Run();
    }

    public void Dispose() => _dispatcher.Dispose();

    [LinuxFact]
    public void A_timeout_ends_the_program()
    {
        (DispatchTask task, LivingProcess[] processes) = Start(TestProgram.Shell("echo $$; exec sleep 300"), 1);

        _clock.AdvanceSeconds(10);

        CheckTimedOut(task, processes);
    }

    [LinuxFact]
    public void A_timeout_ends_the_whole_tree()
    {
        (DispatchTask task, LivingProcess[] processes) = Start(TestProgram.Task("spawn-tree", "3", "300"), 3);

        _clock.AdvanceSeconds(10);

        CheckTimedOut(task, processes);
    }

    [LinuxFact]
    public void A_program_that_ignores_the_request_is_killed_after_its_grace()
    {
        (DispatchTask task, LivingProcess[] processes) = Start(TestProgram.Shell("trap '' TERM; echo $$; while :; do sleep 300; done"), 1);

        _clock.AdvanceSeconds(10);
        Assert.Equal(TaskState.Running, task.State);
        _clock.AdvanceSeconds(0.3);

        CheckTimedOut(task, processes);
    }

    [LinuxFact]
    public void A_program_that_handles_the_request_and_stays_is_killed_after_its_grace()
    {
        DispatchTask task = TestProgram.Task("ignore-term", "300");
        _dispatcher.Send(task);
        TestProgram.WaitForLines(task, 1);

        _clock.AdvanceSeconds(10);
        Assert.Equal(TaskState.Running, task.State);
        _clock.AdvanceSeconds(0.3);

        CheckTimedOut(task, []);
    }

    [LinuxFact]
    public void A_grandchild_that_ignores_the_request_and_holds_the_output_is_killed_too()
    {
        (DispatchTask task, LivingProcess[] processes) = Start(
            TestProgram.Shell("sh -c 'trap \"\" TERM; echo $$; while :; do sleep 300; done' & wait"), 1);

        _clock.AdvanceSeconds(10);
        _clock.AdvanceSeconds(0.3);

        CheckTimedOut(task, processes);
    }

    [LinuxFact]
    public void A_grandchild_that_ignores_the_request_and_holds_nothing_is_killed_too()
    {
        (DispatchTask task, LivingProcess[] processes) = Start(
            TestProgram.Shell("sh -c 'trap \"\" TERM; exec sleep 300' </dev/null >/dev/null 2>&1 & echo $!; wait"), 1);

        _clock.AdvanceSeconds(10);

        CheckTimedOut(task, processes);
    }

    [LinuxFact]
    public void A_child_in_a_session_of_its_own_is_found()
    {
        (DispatchTask task, LivingProcess[] processes) = Start(TestProgram.Task("detached", "300"), 1);

        _clock.AdvanceSeconds(10);

        CheckTimedOut(task, processes);
    }

    [LinuxFact]
    public void A_daemon_whose_parents_are_gone_is_found()
    {
        (DispatchTask task, LivingProcess[] processes) = Start(
            TestProgram.Shell("(setsid sh -c 'echo $$; exec sleep 300' &) ; exec sleep 300"), 1);

        _clock.AdvanceSeconds(10);

        CheckTimedOut(task, processes);
    }

    [LinuxFact]
    public void A_stop_on_request_ends_the_whole_tree_too()
    {
        (DispatchTask task, LivingProcess[] processes) = Start(TestProgram.Shell("sleep 300 & echo $!; sleep 300 & echo $!; wait"), 2);

        Assert.True(task.Stop());

        Assert.Equal(TaskState.Stopped, Bounded.End(task));
        LivingProcess.CheckAllGone(processes);
    }

    [LinuxFact]
    public void Dispose_ends_the_whole_tree_too()
    {
        (DispatchTask task, LivingProcess[] processes) = Start(TestProgram.Shell("sleep 300 & echo $!; wait"), 1);

        _dispatcher.Dispose();

        Assert.Equal(TaskState.Stopped, Bounded.End(task));
        LivingProcess.CheckAllGone(processes);
    }

    [LinuxFact]
    public void A_program_that_ends_while_its_child_holds_the_output_is_done_and_the_child_is_ended()
    {
        // The child starts slowly enough to be seen: it is a .NET program.
        (DispatchTask task, LivingProcess[] processes) = Start(TestProgram.Shell("'" + TestProgram.Path + "' sleep 300 & echo $!; sleep 0.3"), 1);

        Assert.Equal(TaskState.Completed, Bounded.End(task));

        Assert.Equal(0, task.ExitCode);
        LivingProcess.CheckAllGone(processes);
    }

    [LinuxFact]
    public void A_child_that_holds_the_output_and_ignores_the_request_is_killed()
    {
        (DispatchTask task, LivingProcess[] processes) = Start(
            TestProgram.Shell("sh -c 'trap \"\" TERM; echo $$; exec sleep 300' & sleep 0.3"), 1);

        Assert.Equal(TaskState.Completed, Bounded.End(task));

        LivingProcess.CheckAllGone(processes);
    }

    [LinuxFact]
    public void A_child_that_holds_nothing_does_not_outlive_the_task()
    {
        (DispatchTask task, LivingProcess[] processes) = Start(
            TestProgram.Shell("sleep 300 </dev/null >/dev/null 2>&1 & echo $!; sleep 0.3"), 1);

        Assert.Equal(TaskState.Completed, Bounded.End(task));

        LivingProcess.CheckAllGone(processes);
    }

    [LinuxFact]
    public void A_daemon_that_holds_nothing_does_not_outlive_the_task()
    {
        (DispatchTask task, LivingProcess[] processes) = Start(
            TestProgram.Shell("(setsid sleep 300 </dev/null >/dev/null 2>&1 & echo $!); sleep 0.3; exit 3"), 1);

        Assert.Equal(TaskState.Failed, Bounded.End(task));

        LivingProcess.CheckAllGone(processes);
    }

    [LinuxFact]
    public void Programs_of_other_tasks_are_left_alone()
    {
        (DispatchTask other, LivingProcess[] kept) = Start(TestProgram.Shell("sleep 300 & echo $!; wait"), 1);
        (DispatchTask task, LivingProcess[] processes) = Start(TestProgram.Shell("sleep 300 & echo $!; wait"), 1);
        DispatchTask third = TestProgram.Shell("sleep 300 </dev/null >/dev/null 2>&1 &");
        _dispatcher.SetWorkers(1, 3);
        _dispatcher.Send(third);
        Bounded.End(third);

        task.Stop();

        Bounded.End(task);
        LivingProcess.CheckAllGone(processes);
        Assert.All(kept, process => Assert.True(process.IsAlive));
        Assert.Equal(TaskState.Running, other.State);
        other.Stop();
        Bounded.End(other);
        LivingProcess.CheckAllGone(kept);
    }

    [LinuxFact]
    public void What_a_stopped_program_wrote_in_its_grace_is_kept()
    {
        DispatchTask task = TestProgram.Shell("trap 'echo cleaned up; exit 5' TERM; echo ready; while :; do sleep 0.05; done");
        _dispatcher.Send(task);
        TestProgram.WaitForLines(task, 1);

        Assert.True(task.Stop());

        Assert.Equal(TaskState.Stopped, Bounded.End(task));
        Assert.Equal(["ready", "cleaned up"], TestProgram.Lines(task));
    }

    [LinuxFact]
    public void Programs_stopped_at_any_moment_leave_nothing()
    {
        var random = new Random(1);
        for (int round = 0; round < 50; round++)
        {
            DispatchTask task = TestProgram.Shell("echo $$; sleep 300 & echo $!; wait");
            _dispatcher.Send(task);
            for (int spins = random.Next(400); spins > 0 && TestProgram.Lines(task).Length < 2; spins--)
            {
                Thread.SpinWait(2000);
            }

            Assert.True(task.Stop());
            Assert.Equal(TaskState.Stopped, Bounded.End(task));
            foreach (string line in TestProgram.Lines(task))
            {
                int id = int.Parse(line, CultureInfo.InvariantCulture);
                Bounded.Until(() => !LivingProcess.Exists(id), "process " + line + " to be gone");
            }
        }
    }

    private (DispatchTask Task, LivingProcess[] Processes) Start(DispatchTask task, int count)
    {
        _dispatcher.Send(task);
        return (task, TestProgram.WaitForProcesses(task, count));
    }

    private void CheckTimedOut(DispatchTask task, LivingProcess[] processes)
    {
        Assert.Equal(TaskState.TimedOut, Bounded.End(task));
        Assert.IsType<TaskTimeoutException>(task.Exception);
        LivingProcess.CheckAllGone(processes);
        Assert.Null(task.ExitCode);
        Blocker.CheckStrength(_dispatcher, 2);
    }
}
