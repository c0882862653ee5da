using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Runtime.InteropServices;
using System.Threading;

namespace Dispatching;

/// <summary>
/// A process on Linux, started by posix_spawn(3) and followed by poll(2) on the worker's own thread: no thread is handed
/// anything, so that a short program costs little more than its start. Its files are opened here and given to it, so
/// that what it writes to them never comes by.
/// </summary>
internal sealed class SpawnedProcess : ChildProcess
{
    private const int Broken = 0x10 | 0x8; // POLLHUP, POLLERR

    // A pipe that nobody writes to. It ends when the last one has ended that inherited it, whatever else has been done to
    // the standard streams. Between the numbers that scripts choose by hand and those that limits may forbid.
    private const int WitnessInChild = 23;

    private static readonly Lazy<bool> s_isSupported = new(TestSupport);
    private static readonly Lazy<Descriptor> s_nothing = new(() => Descriptor.Open("/dev/null", LinuxNative.ReadOnly));

    private readonly object _lock = new();
    private readonly ProcessWaiter _waiter;
    private readonly List<Descriptor> _all = [];
    private readonly SpawnedStream? _output;
    private readonly SpawnedStream? _error;
    private readonly SpawnedInput? _input;
    private readonly SpawnedInputStream? _openInput;
    private readonly Descriptor? _witness;
    private readonly Descriptor _exit;
    private bool _hasExited;
    private bool _isReaped;
    private bool _isDisposed;
    private volatile bool _isGivenUp;

    /// <summary>Starts a process.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">It could not be started, or one of its files not be opened.</exception>
    internal SpawnedProcess(ProcessPlan plan, ProcessWaiter waiter)
    {
        _waiter = waiter;
        _waiter.Reset();
        var given = new List<Descriptor>();
        try
        {
            using var actions = new SpawnActions();
            actions.Duplicate(plan.KeepsInput ? OpenInput(given, out _openInput) : OpenInput(plan.Input, given, out _input), 0);
            int output = OpenOutput(plan.OutputFile, plan, plan.Output, given, out _output);
            actions.Duplicate(output, 1);
            bool isShared = plan.OutputFile is not null && string.Equals(plan.OutputFile, plan.ErrorFile, StringComparison.Ordinal);
            actions.Duplicate(isShared ? output : OpenOutput(plan.ErrorFile, plan, plan.Error, given, out _error), 2);
            if (!plan.Options.KeepChildren)
            {
                Descriptor.Pipe(out _witness, out Descriptor witness);
                _all.Add(_witness);
                given.Add(witness);
                actions.Duplicate(witness.Number, WitnessInChild);
            }

            if (plan.Options.WorkingDirectory is { } folder)
            {
                actions.ChangeFolder(folder);
            }

            using var strings = new NativeStrings(plan);
            Id = actions.Spawn(Path.GetFileName(plan.FilePath).Length < plan.FilePath.Length ? Path.GetFullPath(plan.FilePath) : plan.FilePath, strings);
            _exit = OpenExit(Id);
            _all.Add(_exit);
        }
        catch
        {
            _openInput?.Dispose();
            _all.ForEach(descriptor => descriptor.Dispose());
            if (Id != 0)
            {
                // There is no descriptor left to follow it by, and so perhaps none for a thread either: wait here.
                _ = LinuxNative.Kill(-Id, ProcessTable.Kill);
                _ = LinuxNative.WaitPid(Id, out _, 0);
            }

            throw;
        }
        finally
        {
            given.ForEach(descriptor => descriptor.Dispose());
        }
    }

    /// <summary>Whether this system has what is needed (Linux 5.3; glibc 2.29 or musl 1.1.24; 64 bits, for files of any size).</summary>
    internal static bool IsSupported => s_isSupported.Value;

    internal override int Id { get; }

    internal override bool LeadsSession => true;

    internal override Stream? Input => _openInput;

    internal override bool WaitForExit() => Follow(() => _hasExited, Timeout.InfiniteTimeSpan);

    internal override bool WaitForRest(TimeSpan timeout, bool streamsOnly) =>
        Follow(() => _output?.IsOpen != true && _error?.IsOpen != true && (streamsOnly || _witness?.IsOpen != true), timeout);

    internal override void EndStreams()
    {
        _output?.End();
        _error?.End();
    }

    internal override ExitStatus Reap()
    {
        int status;
        int result;
        do
        {
            result = LinuxNative.WaitPid(Id, out status, 0);
        }
        while (result < 0 && Marshal.GetLastWin32Error() == LinuxNative.Interrupted);

        _isReaped = true;
        return result == Id
            ? ExitStatus.FromWait(status)
            : throw new IOException("The exit code is not known: in this process, children are waited for by somebody else, or ignored.");
    }

    internal override bool HasSurvivors() => LinuxNative.Kill(-Id, 0) == 0;

    internal override void Abandon()
    {
        lock (_lock)
        {
            _isGivenUp = true;
            if (!_isDisposed)
            {
                _waiter.Wake();
            }
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        InterruptSafe.Enter(_lock);
        _isDisposed = true;
        Monitor.Exit(_lock);
        _openInput?.Dispose();
        _all.ForEach(descriptor => descriptor.Dispose());
        if (!_isReaped)
        {
            ReapLater();
        }
    }

    /// <summary>Abandoned, or left by an error, it is being killed. Somebody has to reap it, or its entry stays for good.</summary>
    private void ReapLater()
    {
        // Where there is no room for a thread, an entry that stays until this process ends is the lesser harm.
        BackgroundThread.TryStart("Dispatcher reaper", () => _ = LinuxNative.WaitPid(Id, out _, 0), BackgroundThread.SmallStack);
    }

    private static bool TestSupport()
    {
        if (!RuntimeInformation.IsOSPlatform(OSPlatform.Linux) || IntPtr.Size < sizeof(long) || !ProcessTable.IsSupported)
        {
            return false;
        }

        try
        {
            using var actions = new SpawnActions();
            actions.ChangeFolder("/");
            using Descriptor exit = OpenExit(CurrentProcess.Id);
            return true;
        }
        catch (Exception e) when (e is EntryPointNotFoundException or DllNotFoundException or System.ComponentModel.Win32Exception or TypeInitializationException)
        {
            return false;
        }
    }

    private static Descriptor OpenExit(int process) => Descriptor.Take(LinuxNative.OpenPidFd(process));

    private int OpenInput(ExecutableInput? input, List<Descriptor> given, out SpawnedInput? ours)
    {
        ours = null;
        if (input is null)
        {
            return s_nothing.Value.Number;
        }

        if (input.Path is { } path)
        {
            given.Add(Descriptor.Open(path, LinuxNative.ReadOnly));
            return given[^1].Number;
        }

        Descriptor.Pipe(out Descriptor reading, out Descriptor writing);
        given.Add(reading);
        _all.Add(writing);
        ours = new SpawnedInput(writing, input.Bytes ?? []);
        return reading.Number;
    }

    private static int OpenInput(List<Descriptor> given, out SpawnedInputStream ours)
    {
        Descriptor.Pipe(out Descriptor reading, out Descriptor writing);
        given.Add(reading);
        ours = new SpawnedInputStream(writing);
        return reading.Number;
    }

    private int OpenOutput(string? file, ProcessPlan plan, IOutputSink? sink, List<Descriptor> given, out SpawnedStream? ours)
    {
        ours = null;
        if (file is not null)
        {
            given.Add(Descriptor.OpenForWriting(file, plan.Options.Append));
            return given[^1].Number;
        }

        Descriptor.Pipe(out Descriptor reading, out Descriptor writing);
        given.Add(writing);
        _all.Add(reading);
        ours = new SpawnedStream(reading, sink);
        return writing.Number;
    }

    /// <summary>Reads and writes what there is to read and write, until it is done or the time is up.</summary>
    private bool Follow(Func<bool> isDone, TimeSpan timeout)
    {
        var clock = Stopwatch.StartNew();
        while (!isDone())
        {
            int left = timeout == Timeout.InfiniteTimeSpan ? -1 : (int)Math.Min(int.MaxValue, Math.Ceiling((timeout - clock.Elapsed).TotalMilliseconds));
            if (_isGivenUp || (left <= 0 && timeout != Timeout.InfiniteTimeSpan) || !Poll(left))
            {
                return isDone();
            }
        }

        return true;
    }

    /// <summary>Waits for one thing to happen, and deals with all that has.</summary>
    private bool Poll(int milliseconds)
    {
        PollEntry[] entries = _waiter.Entries;
        int count = 0;
        Watch(entries, ref count, _waiter.Event, LinuxNative.PollIn);
        int output = Watch(entries, ref count, _output?.Number ?? -1, LinuxNative.PollIn);
        int error = Watch(entries, ref count, _error?.Number ?? -1, LinuxNative.PollIn);
        int input = Watch(entries, ref count, _input?.Number ?? -1, LinuxNative.PollOut);
        int exit = _hasExited ? Watch(entries, ref count, _witness?.Number ?? -1, LinuxNative.PollIn) : Watch(entries, ref count, _exit.Number, LinuxNative.PollIn);
        int seen = LinuxNative.Poll(entries, (UIntPtr)count, milliseconds);
        if (seen < 0)
        {
            return Marshal.GetLastWin32Error() is LinuxNative.Interrupted or LinuxNative.TryAgain ? true : throw LinuxNative.LastError();
        }

        if (output >= 0 && entries[output].Seen != 0)
        {
            _output?.Read(_waiter.Buffer, hasEnded: (entries[output].Seen & Broken) != 0);
        }

        if (error >= 0 && entries[error].Seen != 0)
        {
            _error?.Read(_waiter.Buffer, hasEnded: (entries[error].Seen & Broken) != 0);
        }

        if (input >= 0 && entries[input].Seen != 0)
        {
            _input?.Write(isBroken: (entries[input].Seen & Broken) != 0);
        }

        if (exit >= 0 && entries[exit].Seen != 0)
        {
            if (_hasExited)
            {
                _witness?.Dispose();
            }

            _hasExited = true;
        }

        return true;
    }

    private static int Watch(PollEntry[] entries, ref int count, int file, short events)
    {
        if (file < 0)
        {
            return -1;
        }

        entries[count] = new PollEntry { File = file, Events = events };
        return count++;
    }
}
