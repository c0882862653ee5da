using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Threading;
using Xunit;
using Engine = System.Management.Automation.PowerShell;

namespace Dispatching.PowerShell.Tests;

/// <summary>A child process and the session that is opened in it.</summary>
public sealed class Endpoint : IDisposable
{
    private static readonly string s_library = Path.GetFullPath(StagedModule.Metadata("PowerShell"));

    private readonly ManualResetEventSlim _hasEnded = new();
    private readonly SessionEndpoint _process;
    private int _endCount;
    private string? _end;

    /// <summary>Starts a program.</summary>
    public Endpoint(string fileName, params string[] arguments)
    {
        _process = new SessionEndpoint(new EndpointCommand("worker process", fileName, arguments)
        {
            Environment = [new("POWERSHELL_UPDATECHECK", "Off"), new("POWERSHELL_TELEMETRY_OPTOUT", "1")],
        });
        _process.TellEnd(how =>
        {
            _end = how;
            Interlocked.Increment(ref _endCount);
            _hasEnded.Set();
        });
        Runspace = _process.CreateRunspace(host: null);
    }

    /// <summary>The session.</summary>
    public Runspace Runspace { get; }

    /// <summary>The id of the process.</summary>
    public int ProcessId => _process.ProcessId;

    /// <summary>What it wrote to its standard error.</summary>
    public string ErrorText => _process.StandardErrorTail;

    /// <summary>How often its end was told.</summary>
    public int EndCount => Volatile.Read(ref _endCount);

    /// <summary>Starts the pinned PowerShell as a server. The session is not opened.</summary>
    public static Endpoint StartPowerShell() => new("dotnet", s_library, "-NoLogo", "-NoProfile", "-s");

    /// <summary>Starts the pinned PowerShell, and opens the session.</summary>
    public static Endpoint Open()
    {
        Endpoint endpoint = StartPowerShell();
        endpoint.Runspace.Open();
        return endpoint;
    }

    /// <summary>Waits for the end, and returns how it was told.</summary>
    public string? WaitForEnd() => _hasEnded.Wait(Limits.Hang) ? _end : null;

    /// <summary>Has somebody told who comes late.</summary>
    public void TellEnd(Action<string> ended) => _process.TellEnd(ended);

    /// <summary>Ends it and all that it has started.</summary>
    public void Kill() => _process.Kill();

    /// <summary>Kills the process alone, as somebody else would.</summary>
    public void KillFromOutside()
    {
        using var process = System.Diagnostics.Process.GetProcessById(ProcessId);
        process.Kill();
    }

    /// <summary>Makes a pipeline in the session.</summary>
    public Engine Create(string script, params object?[] arguments)
    {
        var engine = Engine.Create();
        engine.Runspace = Runspace;
        engine.AddScript(script);
        foreach (object? argument in arguments)
        {
            engine.AddArgument(argument);
        }

        return engine;
    }

    /// <summary>Runs a script in the session, and returns its output.</summary>
    public IReadOnlyList<object?> Run(string script, params object?[] arguments)
    {
        using Engine engine = Create(script, arguments);
        return engine.Invoke().Select(one => one?.BaseObject).ToArray();
    }

    /// <summary>Runs a script that loses its process, and returns the error.</summary>
    public Exception Lose(string script)
    {
        using Engine engine = Create(script);
        return Assert.IsAssignableFrom<RuntimeException>(Record.Exception(() => engine.Invoke()));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _process.Dispose();
        Runspace.Dispose();
    }
}
