using System;
using System.Linq;
using System.Management.Automation;
using System.Reflection;

namespace Dispatching.PowerShell;

/// <summary>Language modes, and which of them gives fewer rights.</summary>
internal static class LanguageModes
{
    private static readonly PSLanguageMode[] s_byRights =
        [PSLanguageMode.FullLanguage, PSLanguageMode.ConstrainedLanguage, PSLanguageMode.RestrictedLanguage, PSLanguageMode.NoLanguage];

    // The mode of the session that a block was written in, wherever it is passed to. Not public.
    private static readonly PropertyInfo? s_blockMode = typeof(ScriptBlock).GetProperty(
        "LanguageMode", BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public);

    // The mode of the session that imported the module. Not public.
    private static readonly PropertyInfo? s_moduleMode = typeof(PSModuleInfo).GetProperty(
        "LanguageMode", BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public);

    internal static bool IsStricter(PSLanguageMode mode, PSLanguageMode than) => Array.IndexOf(s_byRights, mode) > Array.IndexOf(s_byRights, than);

    internal static PSLanguageMode Strictest(params PSLanguageMode[] modes) => modes.OrderByDescending(mode => Array.IndexOf(s_byRights, mode)).First();

    /// <summary>The mode that a block was written in; full language where it has none of its own.</summary>
    internal static PSLanguageMode Of(ScriptBlock? block) =>
        block is not null && s_blockMode?.GetValue(block) is PSLanguageMode mode ? mode : PSLanguageMode.FullLanguage;

    /// <summary>The mode that a module was imported in; full language where it has none of its own.</summary>
    internal static PSLanguageMode Of(PSModuleInfo module) =>
        s_moduleMode?.GetValue(module) is PSLanguageMode mode ? mode : PSLanguageMode.FullLanguage;

    /// <summary>The error of code that would have more rights in a worker than in its own session.</summary>
    internal static CallerErrorException Gains(string what, PSLanguageMode mode, PSLanguageMode workers) => new(
        new InvalidOperationException(what + " comes from a session in " + mode + " mode, and the workers run in " + workers
            + " mode: it would gain rights there. Use it in a dispatcher that is made in its own session."),
        ErrorIds.LanguageModeMismatch,
        ErrorCategory.PermissionDenied,
        what);
}
