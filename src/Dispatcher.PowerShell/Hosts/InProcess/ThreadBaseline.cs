using System;
using System.Globalization;
using System.Threading;
#if !NET
using System.Security.Principal;
#endif

namespace Dispatching.PowerShell;

/// <summary>
/// The state of a worker's thread before a task, restored after it: a task may change the priority of its thread, and the
/// next one runs on the same thread. Used on that thread alone.
/// </summary>
internal sealed class ThreadBaseline
{
    private readonly Thread _thread = Thread.CurrentThread;
    private readonly string? _name = Thread.CurrentThread.Name;
    private readonly SynchronizationContext? _synchronization = SynchronizationContext.Current;
#if NET
    // Holds the cultures, the principal, and all else that flows with asynchronous calls.
    private ExecutionContext? _context;
#else
    private IPrincipal? _principal;
    private CultureInfo? _culture;
    private CultureInfo? _uiCulture;
#endif

    /// <summary>Before a task: sets the cultures of its sender.</summary>
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

    /// <summary>After it: restores what the task has changed.</summary>
    internal void Restore()
    {
        if (_thread.Priority != ThreadPriority.Normal)
        {
            _thread.Priority = ThreadPriority.Normal;
        }

        if (!_thread.IsBackground)
        {
            // The process would wait for it at its end.
            _thread.IsBackground = true;
        }

        // On .NET Framework a name can be set once only, which was before any task.
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

    // By reference: a culture with a changed number format keeps its name.
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
