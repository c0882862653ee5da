using System.Runtime.InteropServices;

namespace Dispatching.PowerShell;

/// <summary>
/// The standard streams of a worker process. The engine speaks its protocol on duplicates of them, so the originals, which
/// the programs that tasks start inherit, can be let go of: one that reads its input would eat messages, and one that writes
/// would write between them.
/// </summary>
internal static class AgentStreams
{
    private const int ReadAndWrite = 2;
    private const int Input = 0;
    private const int Output = 1;

    /// <summary>Gives what tasks start an empty input, and an output that nobody reads.</summary>
    internal static void Release()
    {
        if (RuntimeInformation.IsOSPlatform(OSPlatform.Windows))
        {
            return; // There the engine speaks on the handles themselves.
        }

        int nothing = LinuxNative.Open(NativeText.Terminated("/dev/null"), ReadAndWrite, 0);
        if (nothing >= 0)
        {
            _ = LinuxNative.Duplicate(nothing, Input);
            _ = LinuxNative.Duplicate(nothing, Output);
            _ = LinuxNative.Close(nothing);
        }
    }
}
