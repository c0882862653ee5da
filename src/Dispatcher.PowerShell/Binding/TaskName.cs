using System;
using System.Linq;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>A name of tasks as the parameter -Name takes it: text, or a block that makes the name of each item.</summary>
public sealed class TaskName
{
    private readonly ScriptBlock? _block;

    /// <summary>One name for all.</summary>
    public TaskName(string text) => Text = text;

    /// <summary>A block that makes the name of each item, which it finds in <c>$_</c>.</summary>
    public TaskName(ScriptBlock block) => _block = block;

    /// <summary>The name; <see langword="null"/> if each item has its own.</summary>
    public string? Text { get; }

    /// <inheritdoc/>
    public override string ToString() => Text ?? _block?.ToString() ?? string.Empty;

    /// <summary>The name for an item.</summary>
    /// <exception cref="RuntimeException">The block has failed, or wrote nothing.</exception>
    internal string For(object? item)
    {
        if (_block is null)
        {
            return Text ?? string.Empty;
        }

        string name;
        try
        {
            name = string.Join(" ", ItemBlock.Invoke(_block, item).Select(ExecutableArguments.ToText));
        }
        catch (RuntimeException e) when (e is not PipelineStoppedException)
        {
            throw new RuntimeException("The script block of -Name failed for the item '" + InputText.Of(item) + "': " + e.Message, e);
        }

        return string.IsNullOrWhiteSpace(name)
            ? throw new RuntimeException("The script block of -Name made no name for the item '" + InputText.Of(item) + "': it wrote nothing. The item is in $_ there.")
            : name;
    }
}
