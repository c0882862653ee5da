using System.Collections.Generic;

namespace Dispatching;

/// <summary>A living process, as a scan of <c>/proc</c> found it.</summary>
internal sealed class ProcessEntry
{
    internal ProcessEntry(ProcessIdentity identity, int parent, int session, IReadOnlyList<string> markers)
    {
        Identity = identity;
        Parent = parent;
        Session = session;
        Markers = markers;
    }

    internal ProcessIdentity Identity { get; }

    internal int Parent { get; }

    internal int Session { get; }

    /// <summary>The names of the variables in its environment that say whose tree it belongs to.</summary>
    internal IReadOnlyList<string> Markers { get; }
}
