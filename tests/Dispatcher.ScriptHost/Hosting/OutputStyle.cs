using System;
using System.Management.Automation;
using System.Management.Automation.Internal;

namespace Dispatching.ScriptHost;

/// <summary>Decides which of the two output streams may carry escape sequences.</summary>
internal static class OutputStyle
{
    private static readonly bool s_wanted = string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
        && !string.Equals(Environment.GetEnvironmentVariable("TERM"), "dumb", StringComparison.Ordinal);

    public static bool OnOutput { get; } = s_wanted && !Console.IsOutputRedirected;

    public static bool OnError { get; } = s_wanted && !Console.IsErrorRedirected;

    /// <summary>Tells the engine too, so that <c>$PSStyle</c> shows scripts what they can expect.</summary>
    public static void Apply()
    {
        if (!OnOutput && !OnError)
        {
            PSStyle.Instance.OutputRendering = OutputRendering.PlainText;
        }
    }

    public static string? ForOutput(string? text) => OnOutput ? text : Plain(text);

    public static string? ForError(string? text) => OnError ? text : Plain(text);

    private static string? Plain(string? text) =>
        string.IsNullOrEmpty(text) ? text : new StringDecorated(text).ToString(OutputRendering.PlainText);
}
