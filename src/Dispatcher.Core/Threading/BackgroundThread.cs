using System;
using System.Threading;

namespace Dispatching;

/// <summary>
/// The one way in which this library starts a thread. A start that fails is an answer, not an exception, and what its body
/// throws ends the thread alone: it would end the process otherwise.
/// </summary>
internal sealed class BackgroundThread
{
    /// <summary>The stack of a thread that runs no code of others.</summary>
    internal const int SmallStack = 256 * 1024;

    // For tests of what happens when the system has no thread to give: a Func<string, bool> that takes the name.
    private const string Filter = "Dispatching.ThreadStartFilter";

    private readonly Thread _thread;
    private readonly Action _body;

    internal BackgroundThread(string name, Action body, int stackSize = 0)
    {
        _body = body;
        _thread = new Thread(Run, stackSize) { IsBackground = true, Name = name };
    }

    internal bool IsCurrent => ReferenceEquals(Thread.CurrentThread, _thread);

    /// <summary>Makes and starts a thread.</summary>
    /// <returns><see langword="false"/> if there is no memory or no thread to be had.</returns>
    internal static bool TryStart(string name, Action body, int stackSize = 0)
    {
        try
        {
            return new BackgroundThread(name, body, stackSize).TryStart();
        }
        catch (OutOfMemoryException)
        {
            return false;
        }
    }

    /// <summary>Makes and starts a thread that the caller cannot do without.</summary>
    /// <exception cref="InvalidOperationException">There is no memory or no thread to be had.</exception>
    internal static BackgroundThread Start(string name, Action body, int stackSize = 0)
    {
        var thread = new BackgroundThread(name, body, stackSize);
        return thread.TryStart() ? thread : throw new InvalidOperationException("The system has no memory, or no thread, to start thread '" + name + "' with.");
    }

    /// <returns><see langword="false"/> if there is no memory or no thread to be had.</returns>
    internal bool TryStart()
    {
        while (true)
        {
            try
            {
                if (AppContext.GetData(Filter) is Func<string, bool> mayStart && !mayStart(_thread.Name ?? string.Empty))
                {
                    return false;
                }

                _thread.Start();
                return true;
            }
            catch (ThreadInterruptedException)
            {
                // An interrupt meant for a task has broken into a lock inside. It is used up.
            }
            catch (ThreadStateException)
            {
                return true; // It broke in after the start.
            }
            catch (Exception e) when (e is OutOfMemoryException or ThreadStartException)
            {
                return false;
            }
        }
    }

    internal void Interrupt() => _thread.Interrupt();

    private void Run()
    {
        try
        {
            _body();
        }
        catch (Exception)
        {
            // Whoever has something to say about its errors has said it.
        }
    }
}
