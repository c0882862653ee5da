using System;
using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Runtime.CompilerServices;

namespace Dispatching.PowerShell;

/// <summary>Values as the tasks of one runspace get them: script blocks are re-created for it, all else is as it is.</summary>
internal sealed class LocalValues
{
    private readonly PSLanguageMode _languageMode;
    private readonly ConditionalWeakTable<Ast, ScriptBlock> _blocks = new();

    /// <param name="languageMode">That of the runspace. Blocks of a stricter one are refused.</param>
    internal LocalValues(PSLanguageMode languageMode) => _languageMode = languageMode;

    /// <summary>The block of this runspace for a syntax tree. On the thread of the runspace.</summary>
    internal ScriptBlock GetBlock(Ast ast) => _blocks.GetValue(ast, ScriptBlockCopy.Create);

    /// <exception cref="CallerErrorException">The block would gain rights.</exception>
    internal ScriptBlock Get(CapturedScriptBlock block)
    {
        block.Check(_languageMode);
        return GetBlock(block.Ast);
    }

    internal object? Get(object? value) => value switch
    {
        CapturedScriptBlock block => Get(block),
        ScriptBlock block => Get(CapturedScriptBlock.Of(block, "A script block")),
        PSObject { BaseObject: ScriptBlock block } => Get(CapturedScriptBlock.Of(block, "A script block")),

        // A batch that has come from another process.
        object?[] items when Array.Exists(items, item => item is CapturedScriptBlock) => Array.ConvertAll(items, Get),
        _ => value,
    };

    internal object?[]? Get(object?[]? values) => values is null ? null : Array.ConvertAll(values, Get);

    internal Hashtable? Get(Hashtable? table)
    {
        if (table is null)
        {
            return null;
        }

        var local = new Hashtable(table.Count, StringComparer.OrdinalIgnoreCase);
        foreach (DictionaryEntry entry in table)
        {
            local.Add(entry.Key, Get(entry.Value));
        }

        return local;
    }
}
