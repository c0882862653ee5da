using System.Collections;
using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.Globalization;
using System.Linq;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>Arguments and variables of an executable, as text.</summary>
internal static class ExecutableArguments
{
    internal static IEnumerable<string> ToText(IEnumerable<object?> values) => values.Select(ToText).ToArray();

    /// <summary>Has a script block make the arguments of an item, in the session of the caller.</summary>
    internal static IEnumerable<string> ForItem(ScriptBlock block, object? item) =>
        ToText(Invoke(block, item));

    internal static Collection<PSObject> Invoke(ScriptBlock block, object? item) =>
        block.InvokeWithContext(functionsToDefine: null, [new PSVariable("_", item)], args: []);

    internal static KeyValuePair<string, string?> ToVariable(DictionaryEntry entry) =>
        new(ToText(entry.Key), entry.Value is null ? null : ToText(entry.Value));

    internal static string ToText(object? value) =>
        value is null ? string.Empty : (string)LanguagePrimitives.ConvertTo(value, typeof(string), CultureInfo.InvariantCulture);
}
