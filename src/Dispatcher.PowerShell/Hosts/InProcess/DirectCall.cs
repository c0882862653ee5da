using System;
using System.Management.Automation;
using System.Management.Automation.Language;
#if NET
using System.Management.Automation.Internal;
using System.Reflection;
using System.Runtime.CompilerServices;
#endif

namespace Dispatching.PowerShell;

/// <summary>
/// Calls a block from a cmdlet as ForEach-Object does: its output goes to the cmdlet's pipeline, and no pipeline is created
/// for it. That halves the time of a small task, and reduces its garbage from 20 KB to 4 KB
/// (tests/Dispatcher.Benchmarks/README.md). The engine's method is not public; where it is missing, tasks are called by
/// <see cref="InvokeTaskLoopCommand"/>.
/// </summary>
internal static class DirectCall
{
#if NET
    // The engine's ErrorHandlingBehavior: errors of the block's statements go where those of the calling script go.
    private const int WriteToCurrentErrorPipe = 1;

    private static readonly Call? s_call = Find();

    // Compiled once for all workers: a block that is bound to no session runs in the one that calls it, and this call does
    // not bind it. Blocks keep the language mode that they were created in.
    private static readonly ConditionalWeakTable<Ast, ScriptBlock>[] s_blocks = [new(), new(), new(), new()];

    private delegate void Call(ScriptBlock block, Cmdlet cmdlet, bool useLocalScope, int errorHandling, object? underscore, object? input, object? scriptThis, object?[] arguments);

    /// <summary>Whether this engine has the method.</summary>
    internal static bool IsPossible => s_call is not null;

    /// <summary>Calls a block in a scope of its own, on the thread of its runspace. Only where <see cref="IsPossible"/>.</summary>
    /// <param name="ast">The block.</param>
    /// <param name="cmdlet">The cmdlet that calls it.</param>
    /// <param name="mode">The language mode of the runspace.</param>
    /// <param name="underscore">The item, or <see cref="AutomationNull"/>.</param>
    internal static void Invoke(Ast ast, Cmdlet cmdlet, PSLanguageMode mode, object? underscore) => s_call?.Invoke(
        GetBlock(ast, mode), cmdlet, useLocalScope: true, WriteToCurrentErrorPipe, underscore, AutomationNull.Value, AutomationNull.Value, []);

    private static ScriptBlock GetBlock(Ast ast, PSLanguageMode mode)
    {
        if (s_blocks[(int)mode].TryGetValue(ast, out ScriptBlock? known))
        {
            return known;
        }

        ScriptBlock block = ScriptBlockCopy.Create(ast);

        // A task may have put its worker into a stricter mode, and the other workers must not share a block of that mode.
        return LanguageModes.Of(block) == mode ? s_blocks[(int)mode].GetValue(ast, _ => block) : block;
    }

    private static Call? Find()
    {
        if (typeof(ScriptBlock).GetNestedType("ErrorHandlingBehavior", BindingFlags.NonPublic) is not { IsEnum: true } behavior
            || !string.Equals(Enum.GetName(behavior, WriteToCurrentErrorPipe), nameof(WriteToCurrentErrorPipe), StringComparison.Ordinal))
        {
            return null;
        }

        Type[] parameters = [typeof(Cmdlet), typeof(bool), behavior, typeof(object), typeof(object), typeof(object), typeof(object[])];
        MethodInfo? method = typeof(ScriptBlock).GetMethod("InvokeUsingCmdlet", BindingFlags.Instance | BindingFlags.NonPublic, binder: null, parameters, modifiers: null);
        return method is null ? null : (Call?)Delegate.CreateDelegate(typeof(Call), method, throwOnBindFailure: false);
    }
#else
    /// <summary>Always false: not looked for in Windows PowerShell.</summary>
    internal static bool IsPossible => false;

    internal static void Invoke(Ast ast, Cmdlet cmdlet, PSLanguageMode mode, object? underscore) => throw new NotSupportedException();
#endif
}
