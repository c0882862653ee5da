namespace Dispatching.PowerShell;

/// <summary>Makes the bodies of the tasks that one cmdlet sends.</summary>
internal interface ITaskBodySource
{
    /// <summary>The body for an item; the same for several where nothing in it is made of the item.</summary>
    /// <exception cref="System.Management.Automation.RuntimeException">It cannot be made for this item.</exception>
    IDispatchable Create(object? item);
}
