using System;
using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace Dispatching.PowerShell;

/// <summary>
/// Asks blocks of -RetryOn about errors of tasks that ran elsewhere, on threads that have no session: in one of their own, one
/// question at a time.
/// </summary>
internal static class DetachedQuestions
{
    private static readonly object s_lock = new();
    private static Runspace? s_runspace;

    internal static bool Ask(ScriptInvocation question, ErrorRecord error)
    {
        lock (s_lock)
        {
            Runspace? before = Runspace.DefaultRunspace;
            try
            {
                if (s_runspace is not { RunspaceStateInfo.State: RunspaceState.Opened } runspace || runspace.SessionStateProxy.LanguageMode != question.LanguageMode)
                {
                    s_runspace?.Dispose();
                    s_runspace = WorkerRunspace.Open(new WorkerSettings { LanguageMode = question.LanguageMode });
                }

                Runspace.DefaultRunspace = s_runspace;
                return SerialHost.Ask(question, error);
            }
            finally
            {
                Runspace.DefaultRunspace = before;
            }
        }
    }
}
