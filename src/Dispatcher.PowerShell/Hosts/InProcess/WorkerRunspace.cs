using System;
using System.Collections.Generic;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Reflection;
using System.Threading;

namespace Dispatching.PowerShell;

/// <summary>Opens the runspaces of workers.</summary>
internal static class WorkerRunspace
{
    // For tasks that send tasks. They would not find the module where it was imported by its path, and importing it would
    // cost each worker far more than these entries.
    private static readonly Dictionary<string, Type> s_ownCmdlets = FindOwnCmdlets();

    // Opening takes 10 ms of processor time. Measured with 64 workers replaced at once: all processors were busy for a third
    // of a second, and 1 % of the timeouts in that time were more than 160 ms late. With one processor left free, 60 ms.
    private static readonly SemaphoreSlim s_opening = new(Math.Max(1, Environment.ProcessorCount - 1));

    // Has an end, so that the others go on if one never opens.
    private static readonly TimeSpan s_turnWait = TimeSpan.FromSeconds(10);

    /// <summary>Opens a runspace on the calling thread, with functions and variables, but no modules yet.</summary>
    internal static Runspace Open(WorkerSettings settings)
    {
        var state = InitialSessionState.CreateDefault2();
        state.LanguageMode = settings.LanguageMode;
        AddCommand(state, InvokeTaskLoopCommand.Name, typeof(InvokeTaskLoopCommand));
        AddCommand(state, ReceiveTaskOutputCommand.Name, typeof(ReceiveTaskOutputCommand));
        foreach (KeyValuePair<string, Type> cmdlet in s_ownCmdlets)
        {
            AddCommand(state, cmdlet.Key, cmdlet.Value);
        }

        foreach (KeyValuePair<string, object?> variable in settings.Variables)
        {
            state.Variables.Add(new SessionStateVariableEntry(variable.Key, variable.Value, string.Empty));
        }

        Runspace runspace = RunspaceFactory.CreateRunspace(new WorkerSessionHost(settings.EngineVersion), state);
        runspace.ThreadOptions = PSThreadOptions.UseCurrentThread;
        runspace.Name = "Dispatcher worker";
        bool isTurn = s_opening.Wait(s_turnWait);
        try
        {
            runspace.Open();
        }
        finally
        {
            if (isTurn)
            {
                ReleaseTurn();
            }
        }

        // Until the worker ends: blocks that are created on its thread get the language mode of this runspace.
        Runspace.DefaultRunspace = runspace;
        foreach (WorkerFunction function in settings.Functions)
        {
            function.Define(runspace.SessionStateProxy.InvokeProvider, settings.LanguageMode);
        }

        SetBlocks(runspace, settings);
        return runspace;
    }

    private static void ReleaseTurn()
    {
        while (true)
        {
            try
            {
                s_opening.Release();
                return;
            }
            catch (ThreadInterruptedException)
            {
                // The worker was interrupted because its task was abandoned. Without the release, every later opening would
                // wait for its turn until the timeout.
            }
        }
    }

    /// <summary>Resets the variables of a worker's runspace, on its thread, to what it was opened with.</summary>
    internal static void Reset(Runspace runspace, WorkerSettings settings)
    {
        // On a thread whose default session is constrained, the engine refuses its own reset as if a script had called it.
        Runspace.DefaultRunspace = null;
        try
        {
            runspace.ResetRunspaceState();
        }
        finally
        {
            Runspace.DefaultRunspace = runspace;
        }

        SetBlocks(runspace, settings);
    }

    // Blocks can be created only when there is a runspace for them.
    private static void SetBlocks(Runspace runspace, WorkerSettings settings)
    {
        foreach (KeyValuePair<string, object?> variable in settings.Variables)
        {
            if (variable.Value is CapturedScriptBlock block)
            {
                runspace.SessionStateProxy.SetVariable(variable.Key, block.Recreate(settings.LanguageMode));
            }
        }
    }

    private static void AddCommand(InitialSessionState state, string name, Type type) =>
        state.Commands.Add(new SessionStateCmdletEntry(name, type, helpFileName: null));

    private static Dictionary<string, Type> FindOwnCmdlets()
    {
        var cmdlets = new Dictionary<string, Type>(StringComparer.OrdinalIgnoreCase);
        foreach (Type type in typeof(DispatcherCmdlet).Assembly.GetExportedTypes())
        {
            if (!type.IsAbstract && type.GetCustomAttribute<CmdletAttribute>() is { } cmdlet)
            {
                cmdlets.Add(cmdlet.VerbName + "-" + cmdlet.NounName, type);
            }
        }

        return cmdlets;
    }
}
