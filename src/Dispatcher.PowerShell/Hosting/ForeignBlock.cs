using System.Management.Automation;
using System.Management.Automation.Language;

namespace Dispatching.PowerShell;

/// <summary>
/// A script block that goes to a task as a value. As it is, it would run back in the session it was written in, on a
/// thread that is not its own; a worker makes it anew. One that carries state of its own cannot be made anew.
/// </summary>
internal sealed class ForeignBlock
{
    private ForeignBlock(ScriptBlock block)
    {
        Ast = block.Ast;
        LanguageMode = LanguageModes.Of(block);
    }

    internal Ast Ast { get; }

    internal PSLanguageMode LanguageMode { get; }

    /// <summary>Returns what a worker is to get for a value: the value itself, unless it is a block.</summary>
    /// <exception cref="BoundScriptBlockException">The block belongs to a module, or is a closure.</exception>
    internal static object? Carry(object? value, string what)
    {
        if ((value is PSObject wrapped ? wrapped.BaseObject : value) is not ScriptBlock block)
        {
            return value;
        }

        return block.Module is null
            ? new ForeignBlock(block)
            : throw new BoundScriptBlockException(what + " is a script block that carries state of its own (it is a closure, or belongs to module '"
                + block.Module.Name + "'), and cannot be made anew for a worker. Give the block without GetNewClosure(), and its values by $using: or -ArgumentList.");
    }
}
