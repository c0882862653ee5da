using System.Runtime.InteropServices;

namespace Dispatching;

/// <summary>What poll(2) is to watch, and what it saw.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PollEntry
{
    internal int File;
    internal short Events;
    internal short Seen;
}
