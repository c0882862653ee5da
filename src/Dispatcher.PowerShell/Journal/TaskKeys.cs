using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Security.Cryptography;
using System.Text;

namespace Dispatching.PowerShell;

/// <summary>Makes the keys under which a journal knows the tasks of one call.</summary>
internal sealed class TaskKeys
{
    private const int KeyBytes = 16;

    private readonly ItemText? _key;
    private readonly string _work;
    private readonly bool _isPiped;
    private readonly bool _isBatch;

    private TaskKeys(ItemText? key, string work, bool isPiped, bool isBatch)
    {
        _key = key;
        _work = work;
        _isPiped = isPiped;
        _isBatch = isBatch;
    }

    /// <summary>Makes what all keys of a call have in common. What has no exact text ends the cmdlet.</summary>
    /// <param name="cmdlet">The cmdlet.</param>
    /// <param name="key">What -Key says; <see langword="null"/> for keys by content.</param>
    /// <param name="code">The text of the block, or the program.</param>
    /// <param name="arguments">-ArgumentList.</param>
    /// <param name="parameters">-Parameter.</param>
    /// <param name="others">Other parameters that decide what the task does, by name.</param>
    /// <param name="isBatch">Whether an item is an array of several.</param>
    internal static TaskKeys Create(
        PSCmdlet cmdlet, ItemText? key, string code, object?[]? arguments, IDictionary? parameters, IEnumerable<(string Name, object? Value)> others, bool isBatch)
    {
        var work = new StringBuilder();
        if (key is null)
        {
            work.Append(code.Length).Append(':').Append(code);
            foreach ((string name, object? value) in new (string, object?)[] { ("ArgumentList", arguments), ("Parameter", parameters) }.Concat(others))
            {
                work.Append(name);
                if (!ExactText.TryAppend(work, value))
                {
                    cmdlet.Terminate(
                        new PSArgumentException("-JournalPath needs a key for each task, and -" + name + " has a value without an exact text that could be part of one. Give -Key a text, the name of a property of the items, or a script block: -Key { $_.Id }."),
                        ErrorIds.KeyRequired,
                        ErrorCategory.InvalidArgument,
                        value);
                }
            }
        }

        return new TaskKeys(key, work.ToString(), cmdlet.MyInvocation.ExpectingInput, isBatch);
    }

    /// <summary>The key for an item.</summary>
    /// <exception cref="ItemValueException">It has none.</exception>
    internal string For(object? item)
    {
        if (_key is null)
        {
            return FromContent(item);
        }

        if (_key.Text is not { } text)
        {
            return _key.For(item, "Key");
        }

        if (!_isPiped)
        {
            return text;
        }

        if (_isBatch)
        {
            throw new ItemValueException(
                "-Key '" + text + "' is the name of a property, and with -BatchSize each task has an array of items. Give a script block that makes the key of the array in $_: -Key { $_[0].Id }.", ErrorIds.KeyRequired);
        }

        return ExactText.Of(GetProperty(item, text)) is { Length: > 0 } exact
            ? exact
            : throw new ItemValueException(
                "-Key '" + text + "' is the name of a property that tells each item from the others, and " + Describe(item) + " has no such property with an exact text. Give the name of one that it has, or a script block: -Key { $_.Id }.",
                ErrorIds.KeyInvalid);
    }

    private static object? GetProperty(object? item, string name)
    {
        if (PlainValue.Of(item) is IDictionary table && table.Contains(name))
        {
            return table[name];
        }

        try
        {
            return item is null ? null : PSObject.AsPSObject(item).Properties[name]?.Value;
        }
        catch (GetValueException)
        {
            return null;
        }
    }

    private static string Describe(object? item) => item is null ? "$null" : "the item '" + (InputText.Of(item) ?? string.Empty) + "' (" + PlainValue.Of(item)?.GetType().Name + ")";

    private string FromContent(object? item)
    {
        var text = new StringBuilder(_work);
        if (!ExactText.TryAppend(text, item))
        {
            throw new ItemValueException(
                "-JournalPath needs a key for each task, and " + Describe(item) + " has no exact text to make one of. Strings, numbers, dates, GUIDs, enums, URIs, files and folders have one, and tables, custom objects and arrays of these. Give -Key the name of a property that tells it from the others, such as -Key Id, or a script block: -Key { $_.Id }.",
                ErrorIds.KeyRequired);
        }

        byte[] bytes = Encoding.UTF8.GetBytes(WellFormed.Escape(text.ToString()));
#if NET
        byte[] hash = SHA256.HashData(bytes);
#else
        using var sha = SHA256.Create();
        byte[] hash = sha.ComputeHash(bytes);
#endif
        return Convert.ToBase64String(hash.Take(KeyBytes).ToArray()).TrimEnd('=').Replace('+', '-').Replace('/', '_');
    }
}
