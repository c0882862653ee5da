using System.Runtime.InteropServices;

namespace Dispatching;

/// <summary>One thing that a task wrote. The core does not look into the value.</summary>
/// <param name="Kind">The stream it was written to.</param>
/// <param name="Value">What was written.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct TaskRecord(RecordKind Kind, object? Value);
