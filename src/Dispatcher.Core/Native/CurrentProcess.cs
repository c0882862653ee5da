namespace Dispatching;

/// <summary>The process that this runs in.</summary>
internal static class CurrentProcess
{
    internal static int Id { get; } = GetId();

    private static int GetId()
    {
#if NET
        return System.Environment.ProcessId;
#else
        using var process = System.Diagnostics.Process.GetCurrentProcess();
        return process.Id;
#endif
    }
}
