using System;
using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

namespace Dispatching.ScriptHost;

/// <summary>
/// Writes what the engine has formatted: errors to standard error, all else to standard output, as pwsh
/// does. The console's writers are synchronized, so workers may write at the same time.
/// </summary>
internal sealed class ConsoleHostUserInterface : PSHostUserInterface
{
    private readonly ConsoleHostRawUserInterface _rawUI = new();
    private string _lastProgress = string.Empty;
    private long _nextProgress;

    public ConsoleHostUserInterface()
    {
        OutputStyle.Apply();
    }

    public override PSHostRawUserInterface RawUI => _rawUI;

    public override bool SupportsVirtualTerminal => OutputStyle.OnOutput || OutputStyle.OnError;

    public override void Write(string value) => Console.Out.Write(OutputStyle.ForOutput(value));

    public override void WriteLine(string value) => Console.Out.WriteLine(OutputStyle.ForOutput(value));

    public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) =>
        Write(Colored(foregroundColor, backgroundColor, value));

    public override void WriteLine(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) =>
        WriteLine(Colored(foregroundColor, backgroundColor, value));

    public override void WriteErrorLine(string value) => Console.Error.WriteLine(OutputStyle.ForError(value));

    public override void WriteWarningLine(string message) => WriteLabelled(PSStyle.Instance.Formatting.Warning, "WARNING", message);

    public override void WriteVerboseLine(string message) => WriteLabelled(PSStyle.Instance.Formatting.Verbose, "VERBOSE", message);

    public override void WriteDebugLine(string message) => WriteLabelled(PSStyle.Instance.Formatting.Debug, "DEBUG", message);

    public override void WriteProgress(long sourceId, ProgressRecord record)
    {
        if (Console.IsErrorRedirected)
        {
            return;
        }

        // Percentages and counts change more often than anyone can read; a line is written when the text changes, and not
        // more than one in two seconds.
        string text = $"{record.Activity}: {record.StatusDescription}";
        bool isNew = record.RecordType == ProgressRecordType.Processing && !string.Equals(text, _lastProgress, StringComparison.Ordinal);
        if (isNew && Environment.TickCount64 >= _nextProgress)
        {
            _lastProgress = text;
            _nextProgress = Environment.TickCount64 + 2000;
            WriteErrorLine(text);
        }
    }

    public override string ReadLine() => throw NobodyToAsk();

    public override SecureString ReadLineAsSecureString() => throw NobodyToAsk();

    public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions) =>
        throw NobodyToAsk();

    public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice) =>
        throw NobodyToAsk();

    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) => throw NobodyToAsk();

    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName, PSCredentialTypes allowedCredentialTypes, PSCredentialUIOptions options) =>
        throw NobodyToAsk();

    private static PSInvalidOperationException NobodyToAsk() => new("This host is not interactive: it cannot ask for input.");

    private static string Colored(ConsoleColor foreground, ConsoleColor background, string value)
    {
        string color = string.Empty;
        if (foreground != ConsoleHostRawUserInterface.Foreground)
        {
            color += PSStyle.MapForegroundColorToEscapeSequence(foreground);
        }

        if (background != ConsoleHostRawUserInterface.Background)
        {
            color += PSStyle.MapBackgroundColorToEscapeSequence(background);
        }

        return color.Length == 0 ? value : color + value + PSStyle.Instance.Reset;
    }

    private void WriteLabelled(string style, string label, string message) =>
        WriteLine($"{style}{label}: {message}{PSStyle.Instance.Reset}");
}
