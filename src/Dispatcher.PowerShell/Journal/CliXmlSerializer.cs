using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Text.RegularExpressions;

namespace Dispatching.PowerShell;

/// <summary>Makes CLIXML of what script blocks write, as Export-Clixml does, two levels deep.</summary>
internal sealed class CliXmlSerializer : IOutputSerializer
{
    // The array is a level of its own.
    private const int Depth = 3;

    // Inside of text, CLIXML writes a line end in another way.
    private static readonly Regex s_indentation = new(@"\r?\n *", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(10));

    /// <inheritdoc/>
    public object? Unwrap(object? value) => value switch
    {
        PSObject { BaseObject: string or int or long or double or bool } wrapped when wrapped.Properties.Match("*", PSMemberTypes.NoteProperty).Count == 0 => wrapped.BaseObject,
        _ => value,
    };

    /// <inheritdoc/>
    public string Serialize(object?[] values) => s_indentation.Replace(PSSerializer.Serialize(values, Depth), string.Empty);

    /// <inheritdoc/>
    public IEnumerable<object?> Deserialize(string text)
    {
        object? read = PSSerializer.Deserialize(text);
        return read switch
        {
            PSObject { BaseObject: IEnumerable list } => list.Cast<object?>(),
            IEnumerable list and not string => list.Cast<object?>(),
            _ => [read],
        };
    }
}
