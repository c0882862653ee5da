using System;
using System.Collections;
using System.Collections.Generic;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>
/// The values that the engine finds for <c>$using:</c> in a worker's pipeline: those of the task that runs. The engine's key
/// is the text of the expression in Base64 and, for very old callers, a number.
/// </summary>
internal sealed class UsingValues : IDictionary
{
    private readonly Func<CapturedScriptBlock, ScriptBlock> _getBlock;

    internal UsingValues(Func<CapturedScriptBlock, ScriptBlock> getBlock) => _getBlock = getBlock;

    internal IReadOnlyDictionary<string, object?>? Current { get; set; }

    public bool IsFixedSize => true;

    public bool IsReadOnly => true;

    public int Count => Current?.Count ?? 0;

    public bool IsSynchronized => false;

    public object SyncRoot => this;

    public ICollection Keys => Array.Empty<object>();

    public ICollection Values => Array.Empty<object>();

    public object? this[object key]
    {
        get
        {
            object? value = null;
            if (key is string text)
            {
                Current?.TryGetValue(text, out value);
            }

            return value is CapturedScriptBlock block ? _getBlock(block) : value;
        }

        set => throw new NotSupportedException();
    }

    public bool Contains(object key) => key is string text && Current?.ContainsKey(text) == true;

    public void Add(object key, object? value) => throw new NotSupportedException();

    public void Clear() => throw new NotSupportedException();

    public void Remove(object key) => throw new NotSupportedException();

    public void CopyTo(Array array, int index) => throw new NotSupportedException();

    public IDictionaryEnumerator GetEnumerator() => new Hashtable().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
