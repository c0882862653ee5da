using System;
using System.Globalization;
using System.Threading;
#if !NET
using System.Security.Principal;
#endif

namespace Dispatching.PowerShell;

/// <summary>
/// What a worker's thread is like before a task, put back after it: a task may change its thread's priority, say, and the
/// next one runs on the same thread. Used on that thread alone.
/// </summary>
internal sealed class ThreadBaseline
{
    private readonly Thread _thread = Thread.CurrentThread;
    private readonly string? _name = Thread.CurrentThread.Name;
    private readonly SynchronizationContext? _synchronization = SynchronizationContext.Current;
#if NET
    // Has the cultures, the principal, and all else that flows with asynchronous calls.
    private ExecutionContext? _context;
#else
    private IPrincipal? _principal;
    private CultureInfo? _culture;
    private CultureInfo? _uiCulture;
#endif

    /// <summary>Gives the thread the cultures of whoever sent the task. Before the task.</summary>
    internal void Begin(CultureInfo culture, CultureInfo uiCulture)
    {
        SetCultures(culture, uiCulture);
#if NET
        _context = ExecutionContext.Capture();
#else
        _culture = culture;
        _uiCulture = uiCulture;
        _principal = Thread.CurrentPrincipal;
#endif
    }

    /// <summary>Puts back what the task has changed.</summary>
    internal void Restore()
    {
        if (_thread.Priority != ThreadPriority.Normal)
        {
            _thread.Priority = ThreadPriority.Normal;
        }

        if (!_thread.IsBackground)
        {
            // The process would not end before it.
            _thread.IsBackground = true;
        }

        // Only where a name can change: .NET Framework has it set once, which was before any task.
        if (!string.Equals(_thread.Name, _name, StringComparison.Ordinal))
        {
            _thread.Name = _name;
        }

        if (!ReferenceEquals(SynchronizationContext.Current, _synchronization))
        {
            SynchronizationContext.SetSynchronizationContext(_synchronization);
        }

#if NET
        if (_context is { } context && !ReferenceEquals(ExecutionContext.Capture(), context))
        {
            ExecutionContext.Restore(context);
        }
#else
        SetCultures(_culture ?? CultureInfo.CurrentCulture, _uiCulture ?? CultureInfo.CurrentUICulture);
        if (!ReferenceEquals(Thread.CurrentPrincipal, _principal))
        {
            Thread.CurrentPrincipal = _principal;
        }
#endif
    }

    // By reference: a culture with a changed number format has the name of the one it was made from.
    private static void SetCultures(CultureInfo culture, CultureInfo uiCulture)
    {
        if (!ReferenceEquals(CultureInfo.CurrentCulture, culture))
        {
            CultureInfo.CurrentCulture = culture;
        }

        if (!ReferenceEquals(CultureInfo.CurrentUICulture, uiCulture))
        {
            CultureInfo.CurrentUICulture = uiCulture;
        }
    }
}
