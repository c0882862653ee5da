using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Threading;
using Xunit;
using Engine = System.Management.Automation.PowerShell;

namespace Dispatching.PowerShell.Tests;

/// <summary>A session of PowerShell in this process, with the module imported. Closing it ends its dispatchers.</summary>
public sealed class Session : IDisposable
{
    private readonly List<Invocation> _invocations = [];

    /// <summary>Opens one.</summary>
    /// <param name="languageMode">What its scripts may do.</param>
    public Session(PSLanguageMode languageMode = PSLanguageMode.FullLanguage)
    {
        var state = InitialSessionState.CreateDefault2();
        Runspace = RunspaceFactory.CreateRunspace(state);
        Runspace.ThreadOptions = PSThreadOptions.ReuseThread;
        Runspace.Open();
        Run("Import-Module -Name $args[0] -ErrorAction Stop", StagedModule.Manifest);
        Runspace.SessionStateProxy.LanguageMode = languageMode;
    }

    /// <summary>The engine's own object.</summary>
    public Runspace Runspace { get; }

    /// <summary>A variable of the session.</summary>
    public object? this[string variable]
    {
        get => Runspace.SessionStateProxy.GetVariable(variable);
        set => Runspace.SessionStateProxy.SetVariable(variable, value);
    }

    /// <summary>Starts a script. It is dot-sourced, so that its variables stay, as at a prompt.</summary>
    public Invocation Start(string script, params object?[] arguments)
    {
        var engine = Engine.Create();
        engine.Runspace = Runspace;
        engine.AddScript(script, useLocalScope: false);
        foreach (object? argument in arguments)
        {
            engine.AddArgument(argument);
        }

        var invocation = new Invocation(engine);
        _invocations.Add(invocation);
        return invocation;
    }

    /// <summary>Runs a script to its end, whatever that is.</summary>
    public Invocation Invoke(string script, params object?[] arguments) => Start(script, arguments).Finish();

    /// <summary>Runs a script that must not write an error, and returns its output.</summary>
    public IReadOnlyList<object?> Run(string script, params object?[] arguments)
    {
        Invocation invocation = Invoke(script, arguments);
        Assert.Null(invocation.Terminated);
        Assert.False(invocation.WasStopped, "The script was stopped.");
        Assert.Equal([], invocation.Errors.Select(error => error.ToString()));
        return invocation.Output;
    }

    /// <summary>Runs a script that must not write an error, and returns its output as text.</summary>
    public IReadOnlyList<string> Text(string script, params object?[] arguments) =>
        Run(script, arguments).Select(one => one is null ? "<null>" : LanguagePrimitives.ConvertTo<string>(one)).ToArray();

    /// <summary>Runs a script that must write one object, and no error.</summary>
    public dynamic One(string script, params object?[] arguments) =>
        Assert.Single(Run(script, arguments)) ?? throw new InvalidOperationException("The script wrote $null.");

    /// <summary>Runs a script that must write one error and nothing else of that kind.</summary>
    public ErrorRecord Fail(string script, params object?[] arguments) => Invoke(script, arguments).Error;

    /// <summary>Makes a dispatcher named d, in $d, and starts it. On a busy machine the usual limit of tasks is soon over.</summary>
    public Session StartDispatcher(string parameters = "")
    {
        ArgumentNullException.ThrowIfNull(parameters);
        string limit = parameters.Contains("-TaskTimeout", StringComparison.Ordinal) ? " " : " -TaskTimeout 50 ";
        Run("$d = New-Dispatcher d " + parameters + limit + "; Start-Dispatcher d");
        return this;
    }

    /// <summary>Puts a new gate into a variable.</summary>
    public Gate AddGate(string variable = "gate")
    {
        var gate = new Gate();
        this[variable] = gate;
        return gate;
    }

    /// <summary>Waits for a condition that has no event to wait for, and fails when it does not come true.</summary>
    public static void Eventually(Func<bool> condition, string what)
    {
        ArgumentNullException.ThrowIfNull(condition);
        Assert.True(SpinWait.SpinUntil(condition, Limits.Hang), what);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _invocations.ForEach(invocation => invocation.Dispose());
        Runspace.CloseAsync();
    }
}
