namespace Dispatching.PowerShell;

/// <summary>Decides how the far end of a session gets the assemblies of the agent.</summary>
internal static class SessionAssemblies
{
    /// <returns>Their content, core first.</returns>
    internal static object[] For(OpenedSession session)
    {
        _ = session;
        return AgentScript.ReadAll();
    }
}
