using System.Collections.Generic;
using System.Management.Automation;
using Dispatching.ScriptHost.Commands;

namespace Microsoft.PowerShell.Commands;

/// <summary>Collects its input and orders it by properties.</summary>
public abstract class ObjectCommand : PSCmdlet
{
    private readonly List<PSObject> _input = [];

    [Parameter(ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; }

    [Parameter(Position = 0)]
    public object[] Property { get; set; } = [];

    protected override void ProcessRecord()
    {
        if (InputObject is not null)
        {
            _input.Add(InputObject);
        }
    }

    private protected IComparer<SortKey> Comparer(bool descending)
    {
        List<PropertyExpression> properties = PropertyExpression.Parse(Property);
        return Comparer<SortKey>.Create((x, y) => x.CompareTo(y, properties, descending));
    }

    private protected List<SortKey> Keys(bool missingIsNull = false)
    {
        List<PropertyExpression> properties = PropertyExpression.Parse(Property);
        return _input.ConvertAll(item => SortKey.Of(item, properties, missingIsNull));
    }
}
