using System;
#if !NET
using System.Runtime.Serialization;
#endif

namespace Dispatching.PowerShell;

/// <content>.NET Framework takes only what can be serialized into the Data of an exception. Elsewhere a task is its name.</content>
[Serializable]
public sealed partial class PSDispatchTask
#if NET
{
}
#else
    : ISerializable
{
    void ISerializable.GetObjectData(SerializationInfo info, StreamingContext context)
    {
        info.SetType(typeof(Label));
        info.AddValue(nameof(Name), Name);
    }

    [Serializable]
    private sealed class Label : ISerializable, IObjectReference
    {
        private readonly string _name;

        private Label(SerializationInfo info, StreamingContext context) => _name = info.GetString(nameof(Name)) ?? string.Empty;

        public object GetRealObject(StreamingContext context) => _name;

        public void GetObjectData(SerializationInfo info, StreamingContext context) => info.AddValue(nameof(Name), _name);
    }
}
#endif
