using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading;

namespace Dispatching.PowerShell;

/// <summary>
/// Decides which workers may import modules now. The first import of a module in this process runs alone, since it loads
/// assemblies and fills caches; after it, workers import side by side. Safe to use from any thread.
/// </summary>
internal sealed class ImportTurns
{
    private readonly object _lock = new();
    private readonly HashSet<string> _known = new(StringComparer.OrdinalIgnoreCase);
    private readonly TimeSpan _wait;
    private int _sideBySide;
    private bool _isAlone;

    /// <param name="wait">How long to wait for a turn. After that the import runs without one: another may hang.</param>
    internal ImportTurns(TimeSpan wait) => _wait = wait;

    /// <summary>Imports when it is this worker's turn. An import that fails beside others is retried once, alone.</summary>
    /// <param name="modules">What is imported.</param>
    /// <param name="import">Imports it; runs without a lock.</param>
    internal void Run(IReadOnlyList<string> modules, Action import)
    {
        if (!TryRun(modules, mustBeAlone: false, import))
        {
            TryRun(modules, mustBeAlone: true, import);
        }
    }

    private bool TryRun(IReadOnlyList<string> modules, bool mustBeAlone, Action import)
    {
        bool? isAlone = Enter(modules, mustBeAlone);
        bool isDone = false;
        try
        {
            import();
            isDone = true;
        }
        catch (WorkerSetupException) when (isAlone == false)
        {
            return false;
        }
        finally
        {
            Leave(isAlone, isDone ? modules : []);
        }

        return true;
    }

    /// <summary>Returns whether the turn is for this worker alone; <see langword="null"/> when none came in time.</summary>
    private bool? Enter(IReadOnlyList<string> modules, bool mustBeAlone)
    {
        long start = Stopwatch.GetTimestamp();
        lock (_lock)
        {
            bool isAlone = mustBeAlone || !modules.All(_known.Contains);
            while (_isAlone || (isAlone && _sideBySide > 0))
            {
                TimeSpan left = _wait - TimeSpan.FromSeconds((double)(Stopwatch.GetTimestamp() - start) / Stopwatch.Frequency);
                if (left <= TimeSpan.Zero)
                {
                    return null;
                }

                Monitor.Wait(_lock, left);
                isAlone = mustBeAlone || !modules.All(_known.Contains);
            }

            _isAlone = isAlone;
            _sideBySide += isAlone ? 0 : 1;
            return isAlone;
        }
    }

    private void Leave(bool? isAlone, IReadOnlyList<string> imported)
    {
        InterruptSafe.Enter(_lock);
        try
        {
            _known.UnionWith(imported);
            _isAlone &= isAlone != true;
            _sideBySide -= isAlone == false ? 1 : 0;
            Monitor.PulseAll(_lock);
        }
        finally
        {
            Monitor.Exit(_lock);
        }
    }
}
