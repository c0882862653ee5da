using System;
using System.Collections.Concurrent;
using System.Globalization;
using System.IO;
using System.Text;
using System.Threading;
using Dispatching.Tests.Support;
using Xunit;

namespace Dispatching.Tests.Executables;

/// <summary>A process that is talked to for as long as it lives, and how it ends.</summary>
[Collection(AloneCollection.Name)]
public class ServerProcessTests
{
    [LinuxFact]
    public void What_is_written_is_read_and_comes_back()
    {
        using var talk = new Talk("cat");
        byte[] text = Encoding.ASCII.GetBytes(new string('x', 300_000) + "\n");
        for (int i = 0; i < 5; i++)
        {
            talk.Process.Input.Write(text, 0, text.Length);
            talk.Process.Input.Flush();
            Assert.Equal(text.Length - 1, talk.Line().Length);
        }
    }

    [LinuxFact]
    public void Its_exit_code_and_what_it_wrote_last_are_told()
    {
        using var talk = new Talk("echo out; echo err >&2; exit 3");
        Assert.Equal(3, talk.End()?.Code);
        Assert.Equal("out", talk.Line());
        Assert.Equal("err", talk.Error());
        Assert.True(talk.OutputHasEnded);
    }

    [LinuxFact]
    public void Kill_ends_it_and_those_that_left_its_session()
    {
        using var talk = new Talk("setsid --fork sh -c 'echo $$; exec sleep 300'; echo $$; exec sleep 300");
        LivingProcess[] processes = [talk.Started(), talk.Started()];
        talk.Process.Kill();
        talk.Process.Kill();
        Assert.Equal(137, talk.End()?.Code);
        LivingProcess.CheckAllGone(processes);
    }

    [LinuxFact]
    public void What_it_leaves_behind_ends_with_it()
    {
        using var talk = new Talk("setsid --fork sh -c 'echo $$; exec sleep 300'; read line; exit 0");
        LivingProcess[] processes = [talk.Started()];
        talk.Process.Input.Write([(byte)'\n'], 0, 1);
        talk.Process.Input.Flush();
        Assert.Equal(0, talk.End()?.Code);
        LivingProcess.CheckAllGone(processes);
    }

    [LinuxFact]
    public void To_write_to_one_that_does_not_read_ends_with_its_end()
    {
        using var talk = new Talk("echo ready; exec sleep 300");
        talk.Line();
        Bounded.OnThreads(2, index =>
        {
            if (index == 0)
            {
                Assert.NotNull(Record.Exception(() => talk.Process.Input.Write(new byte[1_000_000], 0, 1_000_000)));
            }
            else
            {
                talk.Process.Kill();
            }
        });
        talk.End();
        Assert.NotNull(Record.Exception(() => talk.Process.Input.Write([1], 0, 1)));
    }

    [LinuxFact]
    public void One_that_is_not_there_is_an_error_that_names_it() =>
        Assert.Contains("/no/such/program", Assert.Throws<IOException>(() => new ServerProcess("/no/such/program", [], environment: null, new Output(), new Output(), _ => { })).Message, StringComparison.Ordinal);
}

/// <summary>The same on the way that Windows and macOS go.</summary>
[Collection(AloneCollection.Name)]
public sealed class PortableServerProcessTests : ServerProcessTests, IDisposable
{
    public PortableServerProcessTests() => PortableProcessTests.Use(true);

    public void Dispose() => PortableProcessTests.Use(false);
}

/// <summary>A server process that a shell runs, and what it said.</summary>
internal sealed class Talk : IDisposable
{
    private readonly Output _output = new();
    private readonly Output _error = new();
    private readonly ManualResetEventSlim _ended = new();
    private ExitStatus? _status;

    internal Talk(string script) => Process = new ServerProcess("/bin/sh", ["-c", script], environment: null, _output, _error, status =>
    {
        _status = status;
        _ended.Set();
    });

    internal ServerProcess Process { get; }

    internal bool OutputHasEnded => _output.HasEnded;

    public void Dispose()
    {
        Process.Dispose();
        Bounded.Wait(_ended, "the process to end");
    }

    internal string Line() => _output.Take();

    internal string Error() => _error.Take();

    internal LivingProcess Started() => LivingProcess.Get(int.Parse(Line(), CultureInfo.InvariantCulture));

    internal ExitStatus? End()
    {
        Bounded.Wait(_ended, "the process to end");
        return _status;
    }
}

/// <summary>Takes a stream line by line.</summary>
internal sealed class Output : IOutputSink
{
    private readonly BlockingCollection<string> _lines = [];
    private readonly StringBuilder _line = new();

    internal bool HasEnded { get; private set; }

    public void Write(byte[] buffer, int count)
    {
        string[] parts = Encoding.ASCII.GetString(buffer, 0, count).Split('\n');
        for (int i = 0; i < parts.Length - 1; i++)
        {
            _lines.Add(_line.Append(parts[i]).ToString());
            _line.Clear();
        }

        _line.Append(parts[^1]);
    }

    public void Complete() => HasEnded = true;

    internal string Take()
    {
        Assert.True(_lines.TryTake(out string? line, Bounded.Limit), "There was no line.");
        return line!; // It was taken.
    }
}
