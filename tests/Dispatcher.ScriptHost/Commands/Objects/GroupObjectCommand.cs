using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using Dispatching.ScriptHost.Commands;

namespace Microsoft.PowerShell.Commands;

[Cmdlet("Group", "Object")]
public sealed class GroupObjectCommand : ObjectCommand
{
    [Parameter]
    public SwitchParameter NoElement { get; set; }

    [Parameter]
    public SwitchParameter AsHashTable { get; set; }

    [Parameter]
    public SwitchParameter AsString { get; set; }

    protected override void EndProcessing()
    {
        List<GroupInfo> groups = [];
        IComparer<SortKey> comparer = Comparer(descending: false);
        SortKey? last = null;
        foreach (SortKey key in Keys(missingIsNull: true).OrderBy(key => key, comparer))
        {
            if (last is null || comparer.Compare(last, key) != 0)
            {
                groups.Add(NoElement ? new GroupInfoNoElement([.. key.Values]) : new GroupInfo([.. key.Values]));
            }

            groups[^1].Add(key.Item);
            last = key;
        }

        if (AsHashTable)
        {
            WriteObject(Table(groups));
        }
        else
        {
            WriteObject(groups, enumerateCollection: true);
        }
    }

    private Hashtable Table(List<GroupInfo> groups)
    {
        Hashtable table = new(System.StringComparer.OrdinalIgnoreCase);
        foreach (GroupInfo group in groups)
        {
            table[AsString || group.Values.Count != 1 ? group.Name : group.Values[0] ?? string.Empty] = group.Group;
        }

        return table;
    }
}
