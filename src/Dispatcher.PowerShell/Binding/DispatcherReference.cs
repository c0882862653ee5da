namespace Dispatching.PowerShell;

/// <summary>A dispatcher as the parameter -Dispatcher takes it: the object, or its name.</summary>
public sealed class DispatcherReference
{
    /// <summary>Refers to an object.</summary>
    public DispatcherReference(Dispatcher dispatcher) => Dispatcher = dispatcher;

    /// <summary>Refers by name, which is looked up when the cmdlet runs.</summary>
    public DispatcherReference(string name) => Name = name;

    /// <summary>The object; <see langword="null"/> if it was given by name.</summary>
    public Dispatcher? Dispatcher { get; }

    /// <summary>The name; <see langword="null"/> if it was given as an object.</summary>
    public string? Name { get; }

    /// <inheritdoc/>
    public override string ToString() => Name ?? Dispatcher?.Name ?? string.Empty;
}
