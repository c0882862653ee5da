using System;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Threading;

namespace Dispatching.ScriptHost;

/// <summary>
/// Runs one command line in a runspace of its own and turns its end into an exit code.
/// <see cref="TryStop"/> may be called from any thread.
/// </summary>
internal sealed class ScriptRunner : IDisposable
{
    private const int Failure = 1;

    // 128 + SIGINT, as shells have it.
    private const int Interrupted = 130;

    private readonly ConsoleHost _host;
    private readonly Runspace _runspace;
    private readonly PowerShell _pipeline;
    private int _stopRequests;

    public ScriptRunner(ConsoleHost host)
    {
        _host = host;
        _runspace = RunspaceFactory.CreateRunspace(host, InitialSessionState.CreateDefault2());
        _runspace.ThreadOptions = PSThreadOptions.UseCurrentThread;
        _runspace.Open();
        _pipeline = PowerShell.Create(_runspace);
    }

    public int Run(CommandLine commandLine)
    {
        Runspace.DefaultRunspace = _runspace;
        commandLine.AddTo(_pipeline);
        AddConsole(_pipeline);
        EngineInternals.LetExitReachHost(_runspace);
        try
        {
            _pipeline.Invoke();
        }
        catch (PipelineStoppedException)
        {
            return Interrupted;
        }
        catch (RuntimeException problem)
        {
            Report(problem.ErrorRecord);
            return _host.ExitCode ?? Failure;
        }

        // A pipeline that is stopped from another thread may also return as if it had ended.
        if (_pipeline.InvocationStateInfo.State == PSInvocationState.Stopped)
        {
            return Interrupted;
        }

        return _host.ExitCode ?? 0;
    }

    /// <summary>Stops the script.</summary>
    /// <returns>False when that was asked before, so that the caller lets the process end.</returns>
    public bool TryStop()
    {
        if (Interlocked.Increment(ref _stopRequests) > 1)
        {
            return false;
        }

        _pipeline.BeginStop(callback: null, state: null);
        return true;
    }

    public void Dispose()
    {
        _pipeline.Dispose();
        _runspace.Dispose();
    }

    // Errors go down the same pipe as the output, so that both appear in the order they were written.
    private static void AddConsole(PowerShell pipeline)
    {
        Command console = new("Out-Default")
        {
            MergeUnclaimedPreviousCommandResults = PipelineResultTypes.Error | PipelineResultTypes.Output,
        };
        pipeline.Commands.AddCommand(console);
    }

    private void Report(ErrorRecord error)
    {
        PSObject marked = PSObject.AsPSObject(error);
        // What tells Out-Default to treat a record as an error rather than as an object to be shown.
        marked.Properties.Add(new PSNoteProperty("writeErrorStream", true), preValidated: true);
        using PowerShell report = PowerShell.Create(_runspace);
        report.AddCommand("Out-Default").AddParameter("InputObject", marked).Invoke();
    }
}
