using System;
using System.Collections;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using System.Text;

namespace Dispatching.PowerShell;

/// <summary>
/// An input object as text for the log. Made on the thread that sends the task, where scripts that the object may have can
/// run, and before the task can change it.
/// </summary>
internal static class InputText
{
    private const int Longest = LogText.LongestInput;

    /// <summary>
    /// The text as PowerShell makes it, in no culture, of at most 1,000 characters; the elements of a list with blanks
    /// between them. What has no text of its own has the name of its type.
    /// </summary>
    internal static string? Of(object? item)
    {
        object? value = item is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : item;
        return value switch
        {
            null => null,
            IList list => OfList(list),
            _ => OfOne(item, value),
        };
    }

    /// <summary>What the property Name or Id of the item says; of a list, those of its elements, with blanks between them.</summary>
    internal static string? NameOf(object? item)
    {
        if (PlainValue.Of(item) is not IList list)
        {
            return NameOfOne(item);
        }

        try
        {
            string names = string.Join(" ", list.Cast<object?>().Take(Longest).Select(NameOfOne).Where(name => name is not null));
            return names.Length == 0 ? null : LogText.Cut(names, Longest);
        }
        catch (Exception e) when (e is not PipelineStoppedException)
        {
            // The list of a user may fail, or another thread may change it.
            return null;
        }
    }

    private static string? NameOfOne(object? item) => item is null ? null : ItemName.First(name => Read(PSObject.AsPSObject(item), name), Longest);

    private static object? Read(PSObject item, string name)
    {
        try
        {
            object? value = item.BaseObject is IDictionary table ? table.Contains(name) ? table[name] : null : item.Properties[name]?.Value;
            return PlainValue.Of(value);
        }
        catch (Exception e) when (e is not PipelineStoppedException)
        {
            // A script property may fail; the log then has no name.
            return null;
        }
    }

    private static string? OfList(IList list)
    {
        var text = new StringBuilder();
        try
        {
            for (int i = 0; i < list.Count && text.Length <= Longest; i++)
            {
                object? element = list[i] is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : list[i];
                text.Append(i == 0 ? string.Empty : " ").Append(element is null ? string.Empty : OfOne(list[i], element));
            }
        }
        catch (Exception e) when (e is not PipelineStoppedException)
        {
            // The list of a user may fail, or another thread may shorten it: the text so far is used.
        }

        return LogText.Cut(text.ToString(), Longest);
    }

    private static string? OfOne(object? item, object value)
    {
        if (LogText.OfPlain(value, Longest) is { } plain)
        {
            return plain;
        }

        if (value is IEnumerable or IEnumerator)
        {
            // PowerShell would enumerate it: the task could no longer read what that consumes, and it may have no end.
            return LogText.OfType(value, Longest);
        }

        try
        {
            return LogText.Cut((string)LanguagePrimitives.ConvertTo(item, typeof(string), CultureInfo.InvariantCulture), Longest);
        }
        catch (Exception e) when (e is not PipelineStoppedException)
        {
            // Code of the object has failed, and the log must not keep the task from being sent.
            return LogText.OfType(value, Longest);
        }
    }
}
