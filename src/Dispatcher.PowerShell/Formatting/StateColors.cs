using System;
using System.Management.Automation;
using System.Reflection;

namespace Dispatching.PowerShell;

/// <summary>
/// Colours, where the engine can remove them: PowerShell 7.2 and later has <c>$PSStyle</c>, and strips them for a file, a
/// variable, or a terminal without colours. It does not where the whole process writes to a pipe; that is checked here.
/// Without it, as in Windows PowerShell, a table counts the codes as text, and nothing is coloured.
/// </summary>
internal static class StateColors
{
    private const string Reset = "\u001b[0m";
    private const string Red = "\u001b[31m";
    private const string Green = "\u001b[32m";
    private const string Yellow = "\u001b[33m";
    private const string Cyan = "\u001b[36m";

    private static readonly object? s_style = typeof(PSObject).Assembly.GetType("System.Management.Automation.PSStyle")
        ?.GetProperty("Instance", BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static)?.GetValue(null);

    private static readonly PropertyInfo? s_rendering = s_style?.GetType().GetProperty("OutputRendering");

    // With "Ansi" the user wants colours wherever the output goes.
    private static bool IsOn => s_rendering?.GetValue(s_style)?.ToString() switch
    {
        "Ansi" => true,
        "Host" => !Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")),
        _ => false,
    };

    internal static string Paint(TaskState state) => Paint(state.ToString(), state switch
    {
        TaskState.Running => Cyan,
        TaskState.Completed => Green,
        TaskState.Failed or TaskState.TimedOut => Red,
        TaskState.Stopped => Yellow,
        _ => null,
    });

    internal static string Paint(DispatcherStatus status) => Paint(status.ToString(), status switch
    {
        DispatcherStatus.Running => Green,
        DispatcherStatus.Draining => Cyan,
        DispatcherStatus.Stopping => Yellow,
        _ => null,
    });

    private static string Paint(string text, string? color) => color is null || !IsOn ? text : color + text + Reset;
}
