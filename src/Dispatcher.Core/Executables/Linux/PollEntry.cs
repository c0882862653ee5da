using System.Runtime.InteropServices;

namespace Dispatching;

/// <summary>What poll(2) is to look at, and what it saw.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PollEntry
{
    internal int File;
    internal short Events;
    internal short Seen;
}
