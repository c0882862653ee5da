namespace Dispatching;

/// <summary>A group of tasks of which so many at most run at once: see <see cref="TaskOptions.Group"/>.</summary>
internal abstract class TaskGroup
{
    private protected TaskGroup(string name) => Name = name;

    internal string Name { get; }
}
