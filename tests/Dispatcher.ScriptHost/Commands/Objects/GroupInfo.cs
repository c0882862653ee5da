using System.Collections.ObjectModel;
using System.Linq;
using System.Management.Automation;

namespace Microsoft.PowerShell.Commands;

/// <summary>The objects that have the same values.</summary>
public class GroupInfo
{
    internal GroupInfo(Collection<object?> values)
    {
        Values = values;
        Name = string.Join(", ", values.Where(value => value is not null).Select(value => PSObject.AsPSObject(value).ToString()));
    }

    public Collection<object?> Values { get; }

    public int Count { get; private protected set; }

    public Collection<PSObject> Group { get; } = [];

    public string Name { get; }

    internal virtual void Add(PSObject item)
    {
        Count++;
        Group.Add(item);
    }
}
