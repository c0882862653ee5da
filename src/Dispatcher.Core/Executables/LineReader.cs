using System;
using System.IO;
using System.Threading;

namespace Dispatching;

/// <summary>
/// A thread that reads one stream after the other, line by line. Reads of a pipe block, and in the thread pool a few
/// silent programs would hold up every other one.
/// </summary>
internal sealed class LineReader : IDisposable
{
    private static readonly TimeSpan s_longestWait = TimeSpan.FromDays(1);

    private readonly object _gate = new();
    private readonly Thread _thread;
    private TextReader? _reader;
    private Action<string>? _onLine;
    private bool _isDisposed;

    internal LineReader(string name)
    {
        _thread = new Thread(Main, maxStackSize: 256 * 1024) { IsBackground = true, Name = name };
        _thread.Start();
    }

    internal void Start(TextReader reader, Action<string> onLine)
    {
        lock (_gate)
        {
            _reader = reader;
            _onLine = onLine;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Blocks until the stream has ended.</summary>
    internal bool WaitForEnd(TimeSpan timeout)
    {
        lock (_gate)
        {
            // One pulse each for the end of a stream; a second look covers one that came for something else.
            return _reader is null || (Monitor.Wait(_gate, timeout < s_longestWait ? timeout : s_longestWait) && _reader is null);
        }
    }

    /// <summary>Ends the thread, and leaves a stream that has not ended.</summary>
    public void Dispose()
    {
        Uninterrupted.Enter(_gate);
        _isDisposed = true;
        bool isReading = _reader is not null;
        Monitor.PulseAll(_gate);
        Monitor.Exit(_gate);

        if (isReading)
        {
            _thread.Interrupt();
        }
    }

    private void Main()
    {
        try
        {
            while (TryGetNext(out TextReader? reader, out Action<string>? onLine))
            {
                ReadLines(reader!, onLine!); // Both are set when it returns true.
                lock (_gate)
                {
                    _reader = null;
                    Monitor.PulseAll(_gate);
                }
            }
        }
        catch (ThreadInterruptedException)
        {
            // Disposed of in the middle of a read.
        }
    }

    private bool TryGetNext(out TextReader? reader, out Action<string>? onLine)
    {
        lock (_gate)
        {
            while (_reader is null && !_isDisposed)
            {
                Monitor.Wait(_gate);
            }

            reader = _reader;
            onLine = _onLine;
            return !_isDisposed;
        }
    }

    private static void ReadLines(TextReader reader, Action<string> onLine)
    {
        try
        {
            while (reader.ReadLine() is { } line)
            {
                onLine(line);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The pipe was closed under the read: that is its end.
        }
    }
}
