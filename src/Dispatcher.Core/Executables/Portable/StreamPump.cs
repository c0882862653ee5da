using System;
using System.IO;
using System.Threading;

namespace Dispatching;

/// <summary>
/// A thread that reads one stream after the other. Reads of a pipe block, and in the thread pool a few silent programs
/// would hold up every other one.
/// </summary>
internal sealed class StreamPump : IDisposable
{
    private const int BufferSize = 64 * 1024;

    private static readonly TimeSpan s_longestWait = TimeSpan.FromDays(1);

    private readonly object _lock = new();
    private readonly object _sinkLock = new();
    private readonly BackgroundThread _thread;
    private Stream? _stream;
    private IOutputSink? _sink;
    private Action? _onFailed;
    private Exception? _failure;
    private bool _isDisposed;

    internal StreamPump(string name)
    {
        _thread = BackgroundThread.Start(name, Main, BackgroundThread.SmallStack);
    }

    /// <summary>Why what was read of the last stream could not be taken; <see langword="null"/> if it could.</summary>
    internal Exception? Failure => Volatile.Read(ref _failure);

    /// <param name="stream">What to read.</param>
    /// <param name="sink">Where it goes.</param>
    /// <param name="onFailed">Is called once, on this thread, when the sink fails: nothing is read from then on.</param>
    internal void Start(Stream stream, IOutputSink? sink, Action onFailed)
    {
        lock (_lock)
        {
            _stream = stream;
            _sink = sink;
            _onFailed = onFailed;
            _failure = null;
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>Blocks until the stream has ended.</summary>
    internal bool WaitForEnd(TimeSpan timeout)
    {
        lock (_lock)
        {
            // One pulse each for the end of a stream; a second check covers one that came for something else.
            return _stream is null || (Monitor.Wait(_lock, timeout < s_longestWait ? timeout : s_longestWait) && _stream is null);
        }
    }

    /// <summary>Ends the thread, and leaves a stream that has not ended.</summary>
    public void Dispose()
    {
        InterruptSafe.Enter(_lock);
        _isDisposed = true;
        bool isReading = _stream is not null;
        Monitor.PulseAll(_lock);
        Monitor.Exit(_lock);

        if (isReading)
        {
            _thread.Interrupt();
            Complete();
        }
    }

    private void Main()
    {
        try
        {
            while (TryGetNext(out Stream? stream))
            {
                Pump(stream!); // It is set when there is a next one.
                lock (_lock)
                {
                    _stream = null;
                    Monitor.PulseAll(_lock);
                }
            }
        }
        catch (ThreadInterruptedException)
        {
            // Disposed of in the middle of a read.
        }
    }

    private bool TryGetNext(out Stream? stream)
    {
        lock (_lock)
        {
            while (_stream is null && !_isDisposed)
            {
                Monitor.Wait(_lock);
            }

            stream = _stream;
            return !_isDisposed;
        }
    }

    private void Pump(Stream stream)
    {
        try
        {
            var buffer = new byte[BufferSize];
            int count;
            while ((count = Read(stream, buffer)) > 0)
            {
                lock (_sinkLock)
                {
                    _sink?.Write(buffer, count);
                }
            }

            Complete();
        }
        catch (Exception e) when (e is not ThreadInterruptedException)
        {
            // A full disk, or no memory: the task fails with it. On this thread it would end the process.
            Volatile.Write(ref _failure, e);
            _onFailed?.Invoke();
        }
    }

    private static int Read(Stream stream, byte[] buffer)
    {
        try
        {
            return stream.Read(buffer, 0, buffer.Length);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The pipe was closed under the read: that is its end.
            return 0;
        }
    }

    /// <summary>Closes the sink once, whoever comes first.</summary>
    private void Complete()
    {
        InterruptSafe.Enter(_sinkLock);
        try
        {
            _sink?.Complete();
            _sink = null;
        }
        finally
        {
            Monitor.Exit(_sinkLock);
        }
    }
}
