using System.Runtime.InteropServices;

namespace Dispatching;

/// <summary>A process, told apart from a later one of the same number by when it started (in the kernel's own count).</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ProcessIdentity(int Id, long StartTime);
