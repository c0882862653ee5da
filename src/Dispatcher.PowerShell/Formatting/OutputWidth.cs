using System;
using System.Collections;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Management.Automation.Runspaces;
using System.Reflection;

namespace Dispatching.PowerShell;

/// <summary>
/// The width of the output that a view is formatted for, in columns. The engine has no public way to it: it is the -Width
/// of an Out-String or Out-File in the running pipelines, or else the width of the host.
/// </summary>
internal static class OutputWidth
{
    // The engine's own default where a host has no width.
    private const int Usual = 120;

    private const BindingFlags Members = BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public;
    private static readonly string[] s_withWidth = ["Microsoft.PowerShell.Commands.OutStringCommand", "Microsoft.PowerShell.Commands.OutFileCommand"];
    private static readonly MethodInfo? s_running = typeof(Runspace).GetMethod("GetCurrentlyRunningPipeline", Members);

    /// <summary>The width for the session of this thread.</summary>
    internal static int Get()
    {
        try
        {
            return Runspace.DefaultRunspace is { } session ? GetOfCommand(session) ?? GetOfHost(session) ?? Usual : Usual;
        }
        catch (Exception e) when (e is TargetInvocationException or InvalidOperationException or HostException or NotImplementedException)
        {
            // A host need not have a width, and another version of the engine may have other members.
            return Usual;
        }
    }

    /// <summary>The width that the innermost such command was given: formatting may be a pipeline of its own inside it.</summary>
    private static int? GetOfCommand(Runspace session) =>
        Get(Get(s_running?.Invoke(session, []), "Stopper"), "_stack") is IEnumerable pipelines
            ? pipelines.Cast<object>()
                .SelectMany(pipeline => Get(pipeline, "Commands") is IEnumerable processors ? processors.Cast<object>() : [])
                .Select(processor => Get(processor, "Command"))
                .Where(command => s_withWidth.Contains(command?.GetType().FullName, StringComparer.Ordinal))
                .Select(command => Get(command, "Width") is int and > 0 and var width ? (int?)width : null)
                .FirstOrDefault()
            : null;

    private static int? GetOfHost(Runspace session) =>
        (Get(Get(session, "ExecutionContext"), "EngineHostInterface") as PSHost)?.UI?.RawUI?.BufferSize.Width is > 1 and { } width ? width - 1 : null;

    private static object? Get(object? owner, string member) => owner?.GetType() is { } type
        ? (type.GetProperty(member, Members) is { } property ? property.GetValue(owner) : type.GetField(member, Members)?.GetValue(owner))
        : null;
}
