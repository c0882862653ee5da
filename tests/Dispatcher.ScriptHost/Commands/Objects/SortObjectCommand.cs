using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using Dispatching.ScriptHost.Commands;

namespace Microsoft.PowerShell.Commands;

[Cmdlet("Sort", "Object")]
public sealed class SortObjectCommand : ObjectCommand
{
    [Parameter]
    public SwitchParameter Descending { get; set; }

    [Parameter]
    public SwitchParameter Unique { get; set; }

    protected override void EndProcessing()
    {
        IComparer<SortKey> comparer = Comparer(Descending);
        SortKey? last = null;
        foreach (SortKey key in Keys().OrderBy(key => key, comparer))
        {
            if (!Unique || last is null || comparer.Compare(last, key) != 0)
            {
                WriteObject(key.Item);
            }

            last = key;
        }
    }
}
