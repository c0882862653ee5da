using System;
using System.Linq;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>A text that tasks have, such as their name or group: one for all, or a block that makes that of each item.</summary>
public sealed class ItemText
{
    private readonly ScriptBlock? _block;

    /// <summary>One text for all.</summary>
    public ItemText(string text) => Text = text;

    /// <summary>A block that makes the text of each item, which it finds in <c>$_</c>.</summary>
    public ItemText(ScriptBlock block) => _block = block;

    /// <summary>The text; <see langword="null"/> if each item has its own.</summary>
    public string? Text { get; }

    /// <inheritdoc/>
    public override string ToString() => Text ?? _block?.ToString() ?? string.Empty;

    /// <summary>The text for an item.</summary>
    /// <param name="item">The item.</param>
    /// <param name="parameter">Whose block this is, for errors.</param>
    /// <exception cref="RuntimeException">The block has failed, or wrote nothing.</exception>
    internal string For(object? item, string parameter)
    {
        if (_block is null)
        {
            return Text ?? string.Empty;
        }

        string text;
        try
        {
            text = string.Join(" ", ItemBlock.Invoke(_block, item).Select(ExecutableArguments.ToText));
        }
        catch (RuntimeException e) when (e is not PipelineStoppedException)
        {
            throw new RuntimeException("The script block of -" + parameter + " failed for the item '" + InputText.Of(item) + "': " + e.Message, e);
        }

        return string.IsNullOrWhiteSpace(text)
            ? throw new RuntimeException("The script block of -" + parameter + " made no text for the item '" + InputText.Of(item) + "': it wrote nothing. The item is in $_ there.")
            : text;
    }
}
