using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Reflection;

namespace Dispatching.PowerShell;

/// <summary>
/// The state of a worker's session after it was set up. Restored after each task is what would change the next one without
/// a sign of it in its text: event subscriptions, default parameter values, hooks of the command lookup, the location
/// stack, the strict mode, the language mode. Global variables, functions, modules and the like stay: by them the tasks of
/// one worker share state. Used on the worker's thread alone.
/// </summary>
internal sealed class SessionBaseline
{
    private const string DefaultValues = "global:PSDefaultParameterValues";

    private readonly Runspace _runspace;
    private readonly PSLanguageMode _mode;
    private readonly bool _isDebugging;
    private readonly HashSet<int> _subscriptions;
    private readonly CommandLookups _lookups;
    private readonly StrictMode _strictMode;
    private readonly object? _defaults;
    private readonly DictionaryEntry[] _entries;
    private readonly PSVariable? _variable;

    internal SessionBaseline(PSCmdlet loop, Runspace runspace, PSLanguageMode mode)
    {
        _runspace = runspace;
        _mode = mode;
        _isDebugging = IsDebugging;
        _subscriptions = [.. loop.Events.Subscribers.Select(subscriber => subscriber.SubscriptionId)];
        _lookups = new CommandLookups(loop.SessionState.InvokeCommand);
        _strictMode = new StrictMode(runspace);
        _variable = loop.SessionState.PSVariable.Get(DefaultValues);
        _defaults = _variable?.Value;
        _entries = Table(_defaults)?.Cast<DictionaryEntry>().ToArray() ?? [];
    }

    // Breakpoints and tracing.
    private bool IsDebugging => _runspace.Debugger?.IsActive == true;

    /// <summary>Restores what a task has changed.</summary>
    /// <returns><see langword="false"/> when that is not possible, and the session has to end.</returns>
    internal bool Restore(PSCmdlet loop)
    {
        if (loop.SessionState.LanguageMode != _mode)
        {
            loop.SessionState.LanguageMode = _mode;
        }

        RestoreEvents(loop.Events);
        _lookups.Restore(loop.SessionState.InvokeCommand);
        _strictMode.Restore();
        RestoreDefaultValues(loop.SessionState.PSVariable);
        RestoreLocations(loop.SessionState.Path);
        return _isDebugging || !IsDebugging;
    }

    private static IDictionary? Table(object? value) => PlainValue.Of(value) as IDictionary;

    private void RestoreEvents(PSEventManager events)
    {
        foreach (PSEventSubscriber subscriber in events.Subscribers)
        {
            if (!_subscriptions.Contains(subscriber.SubscriptionId))
            {
                events.UnsubscribeEvent(subscriber);
            }
        }

        PSEventArgsCollection received = events.ReceivedEvents;
        while (received.Count > 0)
        {
            received.RemoveAt(received.Count - 1);
        }
    }

    private void RestoreDefaultValues(PSVariableIntrinsics variables)
    {
        // Where there are none, which is usual, the variable need not be looked up again.
        PSVariable? variable = _entries.Length == 0 ? _variable : variables.Get(DefaultValues);
        IDictionary? table = Table(variable?.Value);
        if (variable is not null && ReferenceEquals(variable.Value, _defaults) && table is not null && table.Count == _entries.Length
            && Array.TrueForAll(_entries, entry => table.Contains(entry.Key) && Equals(table[entry.Key], entry.Value)))
        {
            return;
        }

        if (Table(_defaults) is { } wanted)
        {
            wanted.Clear();
            Array.ForEach(_entries, entry => wanted.Add(entry.Key, entry.Value));
            variables.Set(DefaultValues, _defaults);
        }
    }

    private static void RestoreLocations(PathIntrinsics paths)
    {
        for (int left = paths.LocationStack(string.Empty).Count; left > 0; left--)
        {
            paths.PopLocation(string.Empty);
        }
    }

    /// <summary>That of the global scope, which <c>Set-PSDebug -Strict</c> sets. The engine has no public way to read it.</summary>
    private readonly struct StrictMode
    {
        private const BindingFlags Any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

        private readonly Func<Version?>? _get;
        private readonly Action<Version?>? _set;
        private readonly Version? _version;

        internal StrictMode(Runspace runspace)
        {
            object? scope = Get(Get(Get(runspace, "ExecutionContext"), "EngineSessionState"), "GlobalScope");
            if (scope?.GetType().GetProperty("StrictModeVersion", Any) is { GetMethod: { } getter, SetMethod: { } setter } property && property.PropertyType == typeof(Version))
            {
                _get = (Func<Version?>)Delegate.CreateDelegate(typeof(Func<Version?>), scope, getter);
                _set = (Action<Version?>)Delegate.CreateDelegate(typeof(Action<Version?>), scope, setter);
                _version = _get();
            }
        }

        internal void Restore()
        {
            if (_get?.Invoke() != _version)
            {
                _set?.Invoke(_version);
            }
        }

        private static object? Get(object? target, string property) => target?.GetType().GetProperty(property, Any)?.GetValue(target);
    }

    /// <summary>The hooks of the command lookup.</summary>
    private readonly struct CommandLookups
    {
        private readonly EventHandler<CommandLookupEventArgs>? _notFound;
        private readonly EventHandler<CommandLookupEventArgs>? _before;
        private readonly EventHandler<CommandLookupEventArgs>? _after;

        internal CommandLookups(CommandInvocationIntrinsics commands)
        {
            _notFound = commands.CommandNotFoundAction;
            _before = commands.PreCommandLookupAction;
            _after = commands.PostCommandLookupAction;
        }

        internal void Restore(CommandInvocationIntrinsics commands)
        {
            if (!ReferenceEquals(commands.CommandNotFoundAction, _notFound))
            {
                commands.CommandNotFoundAction = _notFound;
            }

            if (!ReferenceEquals(commands.PreCommandLookupAction, _before))
            {
                commands.PreCommandLookupAction = _before;
            }

            if (!ReferenceEquals(commands.PostCommandLookupAction, _after))
            {
                commands.PostCommandLookupAction = _after;
            }
        }
    }
}
