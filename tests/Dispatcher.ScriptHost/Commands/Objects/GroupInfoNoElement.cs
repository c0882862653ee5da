using System.Collections.ObjectModel;
using System.Management.Automation;

namespace Microsoft.PowerShell.Commands;

/// <summary>The number of objects that have the same values.</summary>
public sealed class GroupInfoNoElement : GroupInfo
{
    internal GroupInfoNoElement(Collection<object?> values)
        : base(values)
    {
    }

    internal override void Add(PSObject item) => Count++;
}
