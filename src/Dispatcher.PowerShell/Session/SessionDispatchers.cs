using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Dispatching.PowerShell;

/// <summary>
/// The dispatchers that each runspace has created. They end with their runspace, or when the module is removed from it.
/// Safe to use from any thread.
/// </summary>
internal static class SessionDispatchers
{
    // After the grace, for threads and killed processes to end.
    private static readonly TimeSpan s_afterGrace = TimeSpan.FromSeconds(1);

    // StopGrace may be a year; the end of a session waits no longer than this.
    private static readonly TimeSpan s_longestGrace = TimeSpan.FromMinutes(1);

    // The session of the host. When it closes, the engine closes all others, and waits for what runs in them. Not public.
    private static readonly PropertyInfo? s_primary = typeof(Runspace).GetProperty("PrimaryRunspace", BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public);

    private static readonly object s_lock = new();
    private static Runspace? s_watched;
    private static readonly Dictionary<Guid, List<Dispatcher>> s_bySession = [];
    private static readonly ConditionalWeakTable<Dispatcher, DispatcherHome> s_homes = new();

    /// <summary>Creates a dispatcher whose workers have no more rights than the session that asks for it.</summary>
    /// <param name="options">Its settings.</param>
    /// <param name="session">The session.</param>
    /// <param name="languageMode">The language mode of that session.</param>
    /// <param name="isHidden">Whether it belongs to one cmdlet, so that no other finds it.</param>
    /// <exception cref="InvalidOperationException">The session has one of this name.</exception>
    internal static Dispatcher Create(DispatcherOptions options, Runspace session, PSLanguageMode languageMode, bool isHidden = false)
    {
        lock (s_lock)
        {
            CheckName(options.Name, session);
        }

        // Outside of the lock, which all sessions of the process share: opening a log may take long.
        var dispatcher = new Dispatcher(options);
        try
        {
            lock (s_lock)
            {
                CheckName(options.Name, session);
                if (options.Name is null)
                {
                    dispatcher.Name = FindFreeName(dispatcher);
                }

                WatchPrimary();
                Add(dispatcher, session);
                s_homes.Add(dispatcher, new DispatcherHome(session.InstanceId, languageMode, isHidden));
                return dispatcher;
            }
        }
        catch (InvalidOperationException)
        {
            dispatcher.Dispose();
            throw;
        }
    }

    /// <summary>Returns the dispatchers of this session; inside a task, those of the session that made its dispatcher, too.</summary>
    internal static IReadOnlyList<Dispatcher> GetAll()
    {
        lock (s_lock)
        {
            IEnumerable<Dispatcher> all = Visible(Runspace.DefaultRunspace.InstanceId);
            if (Dispatcher.Current is { } current)
            {
                all = GetHome(current) is { } home ? all.Concat(Visible(home.SessionId)) : all.Append(current);
            }

            return all.Distinct().ToArray();
        }
    }

    internal static DispatcherHome? GetHome(Dispatcher dispatcher) => s_homes.TryGetValue(dispatcher, out DispatcherHome? home) ? home : null;

    internal static bool IsNamed(Dispatcher dispatcher, string name) => string.Equals(dispatcher.Name, name, StringComparison.OrdinalIgnoreCase);

    /// <summary>Ends a dispatcher. Does not wait for what it runs.</summary>
    internal static void Remove(Dispatcher dispatcher)
    {
        dispatcher.Dispose();
        lock (s_lock)
        {
            foreach (List<Dispatcher> own in s_bySession.Values)
            {
                own.Remove(dispatcher);
            }
        }
    }

    /// <summary>
    /// Ends all dispatchers of a session, and waits until their tasks have ended, or have been abandoned.
    /// </summary>
    internal static void EndSession(Guid sessionId)
    {
        Dispatcher[] own;
        lock (s_lock)
        {
            own = [.. Own(sessionId)];
            s_bySession.Remove(sessionId);
        }

        End(own);
    }

    /// <summary>Ends the dispatchers of all sessions. One that was dropped without being closed reports no end.</summary>
    private static void EndAllSessions()
    {
        Dispatcher[] all;
        lock (s_lock)
        {
            all = [.. s_bySession.Values.SelectMany(own => own)];
            s_bySession.Clear();
        }

        End(all);
    }

    private static void End(Dispatcher[] all)
    {
        // An agent ends its own when the engine stops it, which the engine does only once this has returned.
        Dispatcher[] dispatchers = Array.FindAll(all, dispatcher => GetHome(dispatcher)?.IsAgent != true);
        Array.ForEach(dispatchers, dispatcher => dispatcher.Close());
        Array.ForEach(dispatchers, dispatcher => dispatcher.StopRunningTasks());

        // One grace for all of them, since they end side by side.
        var clock = Stopwatch.StartNew();
        foreach (Dispatcher dispatcher in dispatchers)
        {
            TimeSpan grace = dispatcher.StopGrace < s_longestGrace ? dispatcher.StopGrace : s_longestGrace;
            TimeSpan left = grace + s_afterGrace - clock.Elapsed;
            if (!SerialRunner.IsOnThisThread(dispatcher))
            {
                dispatcher.Quit(drain: false, left > TimeSpan.Zero ? left : TimeSpan.Zero);
            }
        }
    }

    private static void WatchPrimary()
    {
        if (s_watched is null && s_primary?.GetValue(null) is Runspace primary)
        {
            s_watched = primary;
            primary.StateChanged += OnPrimaryChanged;
        }
    }

    private static void OnPrimaryChanged(object? sender, RunspaceStateEventArgs e)
    {
        if (e.RunspaceStateInfo.State is RunspaceState.Closing or RunspaceState.Closed or RunspaceState.Broken)
        {
            EndAllSessions();
        }
    }

    private static void CheckName(string? name, Runspace session)
    {
        if (name is not null && Visible(session.InstanceId).Any(other => IsNamed(other, name)))
        {
            throw new InvalidOperationException("There is a dispatcher named '" + name + "' already. Choose another name, or remove that one first with Remove-Dispatcher.");
        }
    }

    /// <summary>The default name, with the next number that no other dispatcher is named by.</summary>
    private static string FindFreeName(Dispatcher dispatcher)
    {
        string name = dispatcher.Name;
        for (long number = dispatcher.Id + 1L; s_bySession.Values.Any(own => own.Exists(other => IsNamed(other, name))); number++)
        {
            name = "Dispatcher" + number.ToString(CultureInfo.InvariantCulture);
        }

        return name;
    }

    private static void Add(Dispatcher dispatcher, Runspace session)
    {
        if (!s_bySession.TryGetValue(session.InstanceId, out List<Dispatcher>? own))
        {
            s_bySession.Add(session.InstanceId, own = []);
            session.StateChanged += OnSessionChanged;
        }

        own.Add(dispatcher);
    }

    private static IEnumerable<Dispatcher> Visible(Guid sessionId) => Own(sessionId).Where(one => GetHome(one)?.IsHidden != true);

    private static List<Dispatcher> Own(Guid sessionId) =>
        s_bySession.TryGetValue(sessionId, out List<Dispatcher>? own) ? own : [];

    private static void OnSessionChanged(object? sender, RunspaceStateEventArgs e)
    {
        if (sender is Runspace session && e.RunspaceStateInfo.State is RunspaceState.Closing or RunspaceState.Closed or RunspaceState.Broken)
        {
            // Waits here: after this the engine waits for every open runspace without a timeout, and a stuck task may
            // never end.
            EndSession(session.InstanceId);
        }
    }
}
