using System;
using System.Globalization;

namespace Dispatching.TestProcess;

/// <summary>Runs the verbs on its command line, one after the other where <c>--then</c> stands between them.</summary>
internal static class Program
{
    private const int UsageError = 64;

    private const string Usage = """
        usage: Dispatcher.TestProcess VERB … [--then VERB …]…

        echo ARGS…                     each argument on a line of its own (takes all that follows)
        args-json ARGS…                the arguments as a JSON array (takes all that follows)
        stderr TEXT…                   each argument on a line of standard error
        lines N                        the lines 1 to N
        both BYTES                     that many bytes to standard output and standard error at once
        unended TEXT                   the text with no newline after it
        invalid-utf8                   a line that is not UTF-8
        stdin                          copies standard input to standard output; its byte count to standard error
        cwd                            the working directory
        env NAME                       the variable's value; exit code 1 when it is not set
        exit N                         ends with exit code N
        sleep SECONDS                  sleeps; ends when asked to terminate
        ignore-term SECONDS            prints 'ready' and sleeps, whatever SIGTERM says
        spawn-child SECONDS            starts a child that sleeps, prints its process id, sleeps
        spawn-tree DEPTH SECONDS       the same with DEPTH generations; each parent prints its child's id
        orphan-holding-stdout SECONDS  starts a child that sleeps, prints its id, goes on without waiting
        detached SECONDS               starts a child that sleeps in a session of its own and prints its own id; sleeps
        """;

    private static int Main(string[] args)
    {
        try
        {
            int exitCode = 0;
            int start = 0;
            while (start <= args.Length)
            {
                int end = FindEnd(args, start);
                exitCode = Run(args[start..end], out bool ended);
                if (ended)
                {
                    break;
                }

                start = end + 1;
            }

            return exitCode;
        }
        catch (Exception problem) when (problem is FormatException or OverflowException or IndexOutOfRangeException)
        {
            Output.Error(Usage);
            return UsageError;
        }
    }

    private static int FindEnd(string[] args, int start)
    {
        bool takesAll = start < args.Length && args[start] is "echo" or "args-json";
        int end = takesAll ? -1 : Array.IndexOf(args, "--then", start);
        return end < 0 ? args.Length : end;
    }

    private static int Run(string[] words, out bool ended)
    {
        ended = false;
        switch (words[0])
        {
            case "echo":
                Output.Lines(words.AsSpan(1));
                return 0;
            case "args-json":
                Output.Json(words.AsSpan(1));
                return 0;
            case "stderr":
                Output.ErrorLines(words.AsSpan(1));
                return 0;
            case "lines":
                Output.Numbers(Integer(words[1]));
                return 0;
            case "both":
                Output.Both(Integer(words[1]));
                return 0;
            case "unended":
                Output.Text(words[1]);
                return 0;
            case "invalid-utf8":
                Output.Bytes([0x61, 0xFF, 0xC3, 0x28, 0xFE, 0x7A, (byte)'\n']);
                return 0;
            case "stdin":
                Output.Error(Output.CopyInput().ToString(CultureInfo.InvariantCulture));
                return 0;
            case "cwd":
                Output.Line(Environment.CurrentDirectory);
                return 0;
            case "env":
                return PrintVariable(words[1]);
            case "exit":
                ended = true;
                return Integer(words[1]);
            case "sleep":
                Processes.Sleep(Seconds(words[1]));
                return 0;
            case "ignore-term":
                Processes.SleepThroughTermination(Seconds(words[1]));
                return 0;
            case "spawn-child":
                Processes.SpawnTree(1, Seconds(words[1]));
                return 0;
            case "spawn-tree":
                Processes.SpawnTree(Integer(words[1]), Seconds(words[2]));
                return 0;
            case "orphan-holding-stdout":
                Output.Line(Processes.Start("sleep", words[1]));
                return 0;
            case "detached":
                Processes.SpawnDetached(Seconds(words[1]));
                return 0;
            case Processes.SleepInOwnSessionVerb:
                Processes.SleepInOwnSession(Seconds(words[1]));
                return 0;
            default:
                throw new FormatException();
        }
    }

    private static int PrintVariable(string name)
    {
        string? value = Environment.GetEnvironmentVariable(name);
        if (value is null)
        {
            return 1;
        }

        Output.Line(value);
        return 0;
    }

    private static int Integer(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static TimeSpan Seconds(string text) => TimeSpan.FromSeconds(double.Parse(text, CultureInfo.InvariantCulture));
}
