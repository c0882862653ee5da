using System.Collections.Generic;

namespace Dispatching;

/// <summary>Makes text of objects that are no plain values, for a journal, and objects of that text. Safe to use from any thread.</summary>
internal interface IOutputSerializer
{
    /// <summary>A value that is one underneath, such as text in a wrapper; otherwise what was given.</summary>
    object? Unwrap(object? value);

    string Serialize(object?[] values);

    IEnumerable<object?> Deserialize(string text);
}
