using System;
using System.Management.Automation;
using System.Management.Automation.Internal;
using System.Reflection;

namespace Dispatching.PowerShell;

/// <summary>
/// Calls a block from a cmdlet as ForEach-Object does: its output goes to the cmdlet's pipeline, and no pipeline is made
/// for it. The engine has no public way to that. It saves two thirds of the engine's time for a task, and of what it
/// allocates (see tests/Dispatcher.Benchmarks/README.md). Where it is missing, tasks take the public way.
/// </summary>
internal static class DirectCall
{
#if NET
    private const string MethodName = "InvokeUsingCmdlet";

    private static readonly object? s_currentErrorPipe = GetErrorHandling();
    private static readonly MethodInvoker? s_invoke = Find();

    /// <summary>Whether this engine has the way.</summary>
    internal static bool IsPossible => s_invoke is not null;

    /// <summary>Calls the block in a scope of its own. Only after <see cref="IsPossible"/> was asked.</summary>
    internal static void Invoke(ScriptBlock block, Cmdlet cmdlet, object? underscore)
    {
        object?[] arguments = [cmdlet, true, s_currentErrorPipe, underscore, AutomationNull.Value, AutomationNull.Value, Array.Empty<object>()];
        s_invoke?.Invoke(block, arguments.AsSpan());
    }

    // The errors of its statements go where those of the calling script go.
    private static object? GetErrorHandling() =>
        typeof(ScriptBlock).GetNestedType("ErrorHandlingBehavior", BindingFlags.NonPublic) is { IsEnum: true } type
            && Enum.TryParse(type, "WriteToCurrentErrorPipe", out object? value) ? value : null;

    private static MethodInvoker? Find()
    {
        if (s_currentErrorPipe is null)
        {
            return null;
        }

        Type[] parameters = [typeof(Cmdlet), typeof(bool), s_currentErrorPipe.GetType(), typeof(object), typeof(object), typeof(object), typeof(object[])];
        MethodInfo? method = typeof(ScriptBlock).GetMethod(MethodName, BindingFlags.Instance | BindingFlags.NonPublic, binder: null, parameters, modifiers: null);
        return method is null ? null : MethodInvoker.Create(method);
    }
#else
    /// <summary>Whether this engine has the way. Not looked for in Windows PowerShell.</summary>
    internal static bool IsPossible => false;

    internal static void Invoke(ScriptBlock block, Cmdlet cmdlet, object? underscore) => throw new NotSupportedException();
#endif
}
