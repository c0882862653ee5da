namespace Dispatching;

/// <summary>How much a log tells of what a task works on.</summary>
public enum LogInput
{
    /// <summary>
    /// The text of the item's own property Name or, where it has none, Id. Of text, numbers and other items without such a
    /// property, nothing.
    /// </summary>
    Name = 0,

    /// <summary>The text of the whole item, of at most 1,000 characters.</summary>
    Text = 1,

    /// <summary>Nothing.</summary>
    None = 2,
}
