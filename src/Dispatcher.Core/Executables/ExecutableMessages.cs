using System;
using System.Globalization;
using System.IO;
using System.Text;

namespace Dispatching;

/// <summary>What the errors of executables say.</summary>
internal static class ExecutableMessages
{
    private const int ShownErrorLines = 5;

    internal static string OfStart(ProcessPlan plan, Exception reason) => string.Format(
        CultureInfo.InvariantCulture, "'{0}' could not be started{1}: {2}", plan.FilePath, DescribeFolder(plan.Options.WorkingDirectory), reason.Message);

    /// <summary>For a log: without the arguments, and without what the program wrote, which often repeats them.</summary>
    internal static string OfExit(string filePath, ExitStatus status) => string.Format(CultureInfo.InvariantCulture, "'{0}' {1}.", filePath, status.Describe());

    /// <summary>Without its arguments and its input: errors go into logs, and those two may be secret.</summary>
    internal static string OfExit(string filePath, ExitStatus status, StandardErrorLog errors, string? errorFile)
    {
        var text = new StringBuilder();
        text.AppendFormat(CultureInfo.InvariantCulture, "'{0}' {1}.", filePath, status.Describe());
        string[] lines = errors.Last(ShownErrorLines);
        if (lines.Length > 0)
        {
            text.Append(" Its standard error ended with: ").Append(string.Join(Environment.NewLine, lines));
        }
        else if (errorFile is not null)
        {
            text.Append(" Its standard error is in '").Append(errorFile).Append("'.");
        }

        return text.ToString();
    }

    private static string DescribeFolder(string? folder) => folder is not null && !Directory.Exists(folder) ? " in '" + folder + "', which does not exist" : string.Empty;
}
