using System;
using System.Collections.Generic;
using System.Linq;

namespace Dispatching;

/// <summary>How many tasks of a group run at once at most: one number for all groups, or one for each.</summary>
public sealed class GroupLimit
{
    private readonly Dictionary<string, int> _limits;
    private readonly int? _default;

    /// <summary>Creates one limit for each group.</summary>
    /// <param name="limit">At least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1.</exception>
    public GroupLimit(int limit)
        : this(new Dictionary<string, int>(StringComparer.Ordinal), limit)
    {
    }

    /// <summary>Creates limits by the names of groups, upper and lower case being the same.</summary>
    /// <param name="limits">At least 1 each.</param>
    /// <param name="defaultLimit">For the groups that are not named: at least 1, or <see langword="null"/> for no limit.</param>
    /// <exception cref="ArgumentOutOfRangeException">A limit is less than 1.</exception>
    /// <exception cref="ArgumentException">Two names differ in case alone.</exception>
    public GroupLimit(IReadOnlyDictionary<string, int> limits, int? defaultLimit = null)
    {
        _limits = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        foreach (KeyValuePair<string, int> limit in Require.NotNull(limits, nameof(limits)))
        {
            _limits.Add(limit.Key, Require.AtLeast(limit.Value, 1, "The limit of group '" + limit.Key + "'"));
        }

        _default = defaultLimit is { } one ? Require.AtLeast(one, 1, nameof(defaultLimit)) : null;
    }

    /// <summary>Returns the limit of a group; <see langword="null"/> for none.</summary>
    public int? Of(string group) => _limits.TryGetValue(group, out int limit) ? limit : _default;

    /// <summary>The limits as text, such as "2" or "db=1; *=4".</summary>
    public override string ToString() => _limits.Count == 0
        ? _default?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? string.Empty
        : string.Join("; ", _limits.OrderBy(limit => limit.Key, StringComparer.OrdinalIgnoreCase).Select(limit => limit.Key + "=" + limit.Value).Concat(_default is { } one ? ["*=" + one] : []));
}
