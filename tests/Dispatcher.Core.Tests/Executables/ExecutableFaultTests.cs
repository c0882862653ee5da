using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading;
using Dispatching.Tests.Support;
using Xunit;

namespace Dispatching.Tests.Executables;

#pragma warning disable CA1416 // Those that set the mode of a file are skipped on Windows.

/// <summary>What goes wrong with an executable is told, and leaves nothing behind.</summary>
public sealed class ExecutableFaultTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dispatcher faults ").FullName;
    private readonly Dispatcher _dispatcher = new(new DispatcherOptions { MinWorkers = 1, MaxWorkers = 2, TaskTimeout = Timeout.InfiniteTimeSpan, StopGrace = TimeSpan.FromSeconds(0.3) });

    public ExecutableFaultTests() => _dispatcher.Run();

    public void Dispose()
    {
        _dispatcher.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [LinuxFact]
    public void A_wait_that_fails_inside_leaves_no_process()
    {
        string file = Path.Combine(_folder, "ids");
        DispatchTask task = Run(Shell("sleep 300 </dev/null >/dev/null 2>&1 & echo $! > '" + file + "'; echo x; exec sleep 300", new ExecutableOptions { Encoding = new FailingEncoding() }));

        Assert.Equal(TaskState.Failed, task.State);
        int child = int.Parse(File.ReadAllText(file), System.Globalization.CultureInfo.InvariantCulture);
        Bounded.Until(() => !LivingProcess.Exists(child), "the child to be gone");
    }

    [LinuxFact]
    public void A_program_that_starts_after_its_attempt_was_given_up_is_killed()
    {
        var clock = new FakeClock();
        using var dispatcher = new Dispatcher(new DispatcherOptions { MaxWorkers = 1, StopGrace = TimeSpan.Zero, Clock = clock });
        using var isUp = new Gate("the body to begin");
        using var goesOn = new Gate("the test to let the body go on");
        using var isBack = new Gate("the program to be killed");
        DispatchTask task = Body.Task(context =>
        {
            isUp.Open();
            goesOn.WaitThroughInterrupts();
            new ExecutableTask("sh", ["-c", "trap '' TERM; while :; do sleep 300; done"]).Execute(context);
            isBack.Open();
        });
        dispatcher.Run();
        dispatcher.Send(task);
        isUp.Wait();
        clock.AdvanceSeconds(10);
        clock.AdvanceSeconds(0);
        Assert.Equal(TaskState.TimedOut, Bounded.End(task));

        goesOn.Open();

        isBack.Wait();
    }

    [LinuxFact]
    public void A_program_that_starts_itself_anew_all_the_time_is_ended()
    {
        string program = Path.Combine(_folder, "hop");
        File.WriteAllText(program, "#!/bin/sh\nsetsid \"$0\" </dev/null >/dev/null 2>&1 &\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        DispatchTask task = Shell("'" + program + "'; echo up; exec sleep 300");
        _dispatcher.Send(task);
        TestProgram.WaitForLines(task, 1);
        Bounded.Until(() => IsRunning(program), "the first of them");

        Assert.True(task.Stop());

        Assert.Equal(TaskState.Stopped, Bounded.End(task));
        Bounded.Until(() => !Enumerable.Range(0, 20).Any(_ => IsRunning(program)), "the last of them to be gone");
        Assert.DoesNotContain(task.GetRecords(), record => record.Kind == RecordKind.Error);
    }

    [Theory]
    [InlineData("", "x", "empty")]
    [InlineData("A=B", "x", "'='")]
    [InlineData("A\0B", "x", "null character")]
    [InlineData("A", "x\0y", "null character")]
    public void A_variable_that_cannot_be_is_refused(string name, string value, string part)
    {
        var options = new ExecutableOptions { Environment = new Dictionary<string, string?> { [name] = value } };

        ArgumentException error = Assert.Throws<ArgumentException>(() => new ExecutableTask("sh", options: options));

        Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }

    [ShellTheory]
    [InlineData("program")]
    [InlineData("argument")]
    [InlineData("folder")]
    public void A_null_character_is_the_error_of_its_task(string where)
    {
        DispatchTask task = Run(new DispatchTask(where switch
        {
            "program" => new ExecutableTask("s\0h"),
            "argument" => new ExecutableTask("sh", ["-c", "exit 0", "a\0b"]),
            _ => new ExecutableTask("sh", ["-c", "exit 0"], new ExecutableOptions { WorkingDirectory = "/\0x" }),
        }));

        Assert.Equal(TaskState.Failed, task.State);
        Assert.Contains("null character", task.Exception!.Message, StringComparison.Ordinal);
    }

    [ShellTheory]
    [InlineData("#!/no/such/interpreter\n", "'/no/such/interpreter'")]
    [InlineData("#! /bin/sh\r\n", "line ends of Unix")]
    [InlineData("echo x\n", "#!/bin/sh")]
    [InlineData("", "#!/bin/sh")]
    public void What_keeps_a_script_from_running_is_told_and_an_existing_file_is_kept(string content, string part)
    {
        string program = Path.Combine(_folder, "script");
        string output = Path.Combine(_folder, "out");
        File.WriteAllText(program, content);
        File.WriteAllText(output, "kept");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        DispatchTask task = Run(new DispatchTask(new ExecutableTask(program) { OutputFile = output }));

        Assert.Equal(TaskState.Failed, task.State);
        Assert.Contains(part, Assert.IsType<ExecutableException>(task.Exception).Message, StringComparison.Ordinal);
        Assert.Equal("kept", File.ReadAllText(output));
    }

    [ShellTheory]
    [InlineData("missing")]
    [InlineData("folder")]
    [InlineData("data")]
    [InlineData("long")]
    public void A_file_is_kept_when_the_program_cannot_start(string what)
    {
        string output = Path.Combine(_folder, "out");
        File.WriteAllText(output, "kept");
        File.WriteAllText(Path.Combine(_folder, "data"), "data");
        ExecutableTask body = what switch
        {
            "missing" => new ExecutableTask(Path.Combine(_folder, "nothing")) { OutputFile = output },
            "folder" => new ExecutableTask("sh", options: new ExecutableOptions { WorkingDirectory = Path.Combine(_folder, "nothing") }) { OutputFile = output },
            "data" => new ExecutableTask(Path.Combine(_folder, "data")) { ErrorFile = output },
            _ => new ExecutableTask("true", ["a\0b"]) { OutputFile = output },
        };

        DispatchTask task = Run(new DispatchTask(body));

        Assert.Null(Assert.IsType<ExecutableException>(task.Exception).ExitCode);
        Assert.Equal("kept", File.ReadAllText(output));
    }

    [ShellFact]
    public void The_error_of_a_failed_program_does_not_tell_its_arguments_or_its_input()
    {
        DispatchTask task = Run(new DispatchTask(new ExecutableTask("sh", ["-c", "cat >/dev/null; exit 3", "sh", "secret"]) { StandardInput = ExecutableInput.FromText("hidden") }));

        Assert.Contains("exit code 3", task.Exception!.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", task.Exception.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", task.Exception.ToString(), StringComparison.Ordinal);
    }

    private static DispatchTask Shell(string script, ExecutableOptions? options = null) => new(new ExecutableTask("sh", ["-c", script], options));

    private static bool IsRunning(string program) => Directory.EnumerateDirectories("/proc").Any(folder =>
    {
        try
        {
            return char.IsAsciiDigit(Path.GetFileName(folder)[0]) && File.ReadAllText(Path.Combine(folder, "cmdline")).Contains(program, StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    });

    private DispatchTask Run(DispatchTask task)
    {
        _dispatcher.Send(task);
        Bounded.End(task);
        return task;
    }

    /// <summary>Fails as soon as there is something to read.</summary>
    private sealed class FailingEncoding : UTF8Encoding
    {
        public override Decoder GetDecoder() => new FailingDecoder();

        private sealed class FailingDecoder : Decoder
        {
            public override int GetCharCount(byte[] bytes, int index, int count) => 0;

            public override int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex) =>
                throw new InvalidOperationException("The decoder has failed.");
        }
    }
}
