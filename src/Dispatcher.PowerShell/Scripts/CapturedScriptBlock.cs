using System.Management.Automation;
using System.Management.Automation.Language;

namespace Dispatching.PowerShell;

/// <summary>
/// A script block that goes to a worker: as a value, as a function, or to set the worker up. As it is, it would run in the
/// session that it was written in, on a thread that is not that session's, so each worker re-creates it. One that carries
/// state of its own cannot be re-created.
/// </summary>
internal sealed class CapturedScriptBlock
{
    private readonly string _what;

    private CapturedScriptBlock(Ast ast, PSLanguageMode languageMode, string what)
    {
        Ast = ast;
        LanguageMode = languageMode;
        _what = what;
    }

    internal Ast Ast { get; }

    internal PSLanguageMode LanguageMode { get; }

    /// <summary>Takes a block, whatever state it carries. <paramref name="what"/> names it in errors.</summary>
    internal static CapturedScriptBlock Of(ScriptBlock block, string what) => new(block.Ast, LanguageModes.Of(block), what);

    /// <summary>Takes a block that has come from another process.</summary>
    internal static CapturedScriptBlock Of(Ast ast, PSLanguageMode languageMode, string what) => new(ast, languageMode, what);

    /// <summary>Returns what a worker is to get for a value: the value itself, unless it is a block.</summary>
    /// <exception cref="BoundScriptBlockException">The block belongs to a module, or is a closure.</exception>
    internal static object? Carry(object? value, string what)
    {
        if (PlainValue.Of(value) is not ScriptBlock block)
        {
            return value;
        }

        return block.Module is null
            ? Of(block, what)
            : throw new BoundScriptBlockException(what + " is a script block that carries state of its own (it is a closure, or belongs to module '"
                + block.Module.Name + "'), and cannot be re-created for a worker. Give the block without GetNewClosure(), and its values by $using: or -ArgumentList.");
    }

    /// <summary>
    /// Every block passes here on its way into a worker, and only here is decided whether it may.
    /// </summary>
    /// <exception cref="CallerErrorException">It would gain rights there.</exception>
    internal void Check(PSLanguageMode workers)
    {
        if (LanguageModes.IsStricter(LanguageMode, workers))
        {
            throw LanguageModes.Gains(_what, LanguageMode, workers);
        }
    }

    /// <summary>Re-creates it for the runspace that is the default of this thread.</summary>
    /// <exception cref="CallerErrorException">It would gain rights there.</exception>
    internal ScriptBlock Recreate(PSLanguageMode workers)
    {
        Check(workers);
        return ScriptBlockCopy.Create(Ast);
    }
}
