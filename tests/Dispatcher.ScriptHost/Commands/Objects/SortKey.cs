using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;

namespace Dispatching.ScriptHost.Commands;

/// <summary>What an object is ordered or grouped by. A property that it lacks comes last in either direction.</summary>
internal sealed class SortKey
{
    private readonly (bool Exists, object? Value)[] _parts;

    private SortKey(PSObject item, (bool Exists, object? Value)[] parts)
    {
        Item = item;
        _parts = parts;
    }

    public PSObject Item { get; }

    public IEnumerable<object?> Values => _parts.Select(part => part.Value);

    public static SortKey Of(PSObject item, List<PropertyExpression> properties, bool missingIsNull) =>
        new(item, properties.Count == 0 ? [(true, item)] : [.. properties.Select(property => Part(property, item, missingIsNull))]);

    public int CompareTo(SortKey other, List<PropertyExpression> properties, bool descending)
    {
        for (int i = 0; i < _parts.Length; i++)
        {
            int result = other._parts[i].Exists.CompareTo(_parts[i].Exists);
            if (result != 0)
            {
                return result;
            }

            result = ValueComparer.Instance.Compare(_parts[i].Value, other._parts[i].Value);
            if (result != 0)
            {
                bool reversed = i < properties.Count ? properties[i].Descending ?? descending : descending;
                return reversed ? -result : result;
            }
        }

        return 0;
    }

    private static (bool Exists, object? Value) Part(PropertyExpression property, PSObject item, bool missingIsNull)
    {
        List<KeyValuePair<string, object?>> values = [.. property.Values(item)];
        return values.Count == 0 ? (missingIsNull, null) : (true, values[0].Value);
    }
}
