using System;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Reflection;

namespace Dispatching.PowerShell;

/// <summary>Language modes, and which of them gives the fewer rights.</summary>
internal static class LanguageModes
{
    private static readonly PSLanguageMode[] s_byRights =
        [PSLanguageMode.FullLanguage, PSLanguageMode.ConstrainedLanguage, PSLanguageMode.RestrictedLanguage, PSLanguageMode.NoLanguage];

    // Not public. A block keeps the mode of the session it was written in, whoever it is handed to.
    private static readonly PropertyInfo? s_blockMode = typeof(ScriptBlock).GetProperty(
        "LanguageMode", BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public);

    internal static bool IsStricter(PSLanguageMode mode, PSLanguageMode than) => Array.IndexOf(s_byRights, mode) > Array.IndexOf(s_byRights, than);

    internal static PSLanguageMode Strictest(params PSLanguageMode[] modes) => modes.OrderByDescending(mode => Array.IndexOf(s_byRights, mode)).First();

    /// <summary>The mode that a block was written in; full language where it has none of its own.</summary>
    internal static PSLanguageMode Of(ScriptBlock? block) =>
        block is not null && s_blockMode?.GetValue(block) is PSLanguageMode mode ? mode : PSLanguageMode.FullLanguage;

    /// <summary>Returns what a block is made anew from, unless it would gain rights by that.</summary>
    /// <exception cref="BoundScriptBlockException">It would.</exception>
    internal static Ast Check(Ast ast, PSLanguageMode mode, PSLanguageMode workers) => IsStricter(mode, workers)
        ? throw new BoundScriptBlockException("A script block from a session in " + mode + " mode cannot be made anew in a worker in " + workers + " mode: it would gain rights.")
        : ast;
}
