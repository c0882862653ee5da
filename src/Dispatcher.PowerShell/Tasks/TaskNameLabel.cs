#if !NET
using System;
using System.Runtime.Serialization;

namespace Dispatching.PowerShell;

/// <summary>A serialized task. Read back, it is the name of the task.</summary>
[Serializable]
internal sealed class TaskNameLabel : ISerializable, IObjectReference
{
    private readonly string _name;

    private TaskNameLabel(SerializationInfo info, StreamingContext context) => _name = info.GetString(nameof(DispatchTask.Name)) ?? string.Empty;

    /// <inheritdoc/>
    public object GetRealObject(StreamingContext context) => _name;

    /// <inheritdoc/>
    public void GetObjectData(SerializationInfo info, StreamingContext context) => info.AddValue(nameof(DispatchTask.Name), _name);
}
#endif
