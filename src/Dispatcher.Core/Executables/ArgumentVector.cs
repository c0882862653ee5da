using System.Collections.Generic;
using System.Diagnostics;
using System.Text;

namespace Dispatching;

/// <summary>Hands a program its arguments exactly as they are.</summary>
internal static class ArgumentVector
{
    internal static void Set(ProcessStartInfo start, IEnumerable<string> arguments)
    {
#if NET
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }
#else
        var line = new StringBuilder();
        foreach (string argument in arguments)
        {
            Append(line, argument);
        }

        start.Arguments = line.ToString();
#endif
    }

#if !NET
    /// <summary>
    /// Quotes by the rules of CommandLineToArgvW, which .NET undoes on Unix too: backslashes count double before a quote.
    /// Source: https://learn.microsoft.com/windows/win32/api/shellapi/nf-shellapi-commandlinetoargvw.
    /// </summary>
    private static void Append(StringBuilder line, string argument)
    {
        if (line.Length > 0)
        {
            line.Append(' ');
        }

        line.Append('"');
        int backslashes = 0;
        foreach (char c in argument)
        {
            if (c == '"')
            {
                line.Append('\\', backslashes + 1);
            }

            backslashes = c == '\\' ? backslashes + 1 : 0;
            line.Append(c);
        }

        line.Append('\\', backslashes).Append('"');
    }
#endif
}
