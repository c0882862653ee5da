namespace Dispatching;

/// <summary>How a dispatcher keeps its journal.</summary>
internal sealed class JournalSettings
{
    /// <summary>The full path of the folder.</summary>
    internal required string Folder { get; init; }

    internal JournalOutput Output { get; init; }

    /// <summary>How large the output of one task may be, in bytes.</summary>
    internal long OutputLimit { get; init; }

    /// <summary>Whether entries have the items, as text.</summary>
    internal bool HasItems { get; init; }

    internal IOutputSerializer? Serializer { get; init; }
}
