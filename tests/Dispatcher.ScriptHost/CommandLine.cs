using System;
using System.Diagnostics.CodeAnalysis;
using System.IO;
using System.Management.Automation;

namespace Dispatching.ScriptHost;

/// <summary>What the program was asked to run: a script file with arguments, or a text.</summary>
internal sealed class CommandLine
{
    public const string Usage = """
        usage: Dispatcher.ScriptHost [-File] SCRIPT.ps1 [ARGUMENT…]
               Dispatcher.ScriptHost -Command TEXT

        Arguments are passed as 'pwsh -File' passes them: -Name VALUE, -Name:VALUE, -Switch, VALUE.
        The exit code is the script's own, 1 after a terminating error, 130 after Ctrl+C.
        """;

    private readonly string _target;
    private readonly bool _isFile;
    private readonly string[] _arguments;

    private CommandLine(string target, bool isFile, string[] arguments)
    {
        _target = target;
        _isFile = isFile;
        _arguments = arguments;
    }

    public static bool TryParse(string[] args, [NotNullWhen(true)] out CommandLine? commandLine, [NotNullWhen(false)] out string? problem)
    {
        commandLine = null;
        problem = null;
        if (args.Length == 0)
        {
            problem = "No script was given.";
        }
        else if (IsOption(args[0], "-Command", "-c"))
        {
            problem = args.Length == 1 ? "-Command needs a text." : null;
            commandLine = new CommandLine(string.Join(' ', args[1..]), isFile: false, []);
        }
        else
        {
            string[] words = IsOption(args[0], "-File", "-f") ? args[1..] : args;
            if (words.Length == 0)
            {
                problem = "-File needs the path of a script.";
            }
            else if (words[0].StartsWith('-'))
            {
                problem = $"Unknown option '{words[0]}'.";
            }
            else if (!words[0].EndsWith(".ps1", StringComparison.OrdinalIgnoreCase))
            {
                problem = $"'{words[0]}' is not a .ps1 file.";
            }
            else if (!File.Exists(words[0]))
            {
                problem = $"The script '{words[0]}' does not exist.";
            }
            else
            {
                commandLine = new CommandLine(Path.GetFullPath(words[0]), isFile: true, words[1..]);
            }
        }

        return problem is null;
    }

    /// <summary>Adds what is to be run to <paramref name="pipeline"/>.</summary>
    public void AddTo(PowerShell pipeline)
    {
        if (!_isFile)
        {
            pipeline.AddScript(_target);
            return;
        }

        pipeline.AddCommand(_target, useLocalScope: false);
        foreach (string argument in _arguments)
        {
            AddArgument(pipeline, argument);
        }
    }

    private static void AddArgument(PowerShell pipeline, string argument)
    {
        if (argument.Length < 2 || argument[0] != '-' || !(char.IsLetter(argument[1]) || argument[1] is '_' or '?'))
        {
            pipeline.AddArgument(argument);
            return;
        }

        int colon = argument.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0 || colon == argument.Length - 1)
        {
            // Without a value the binder decides: it takes the next argument unless this is a switch.
            pipeline.AddParameter(argument.TrimEnd(':'), null);
            return;
        }

        string value = argument[(colon + 1)..];
        pipeline.AddParameter(argument[..colon], AsBoolean(value) ?? (object)value);
    }

    private static bool? AsBoolean(string text) => text.ToUpperInvariant() switch
    {
        "$TRUE" => true,
        "$FALSE" => false,
        _ => null,
    };

    private static bool IsOption(string argument, string name, string shortName) =>
        string.Equals(argument, name, StringComparison.OrdinalIgnoreCase)
        || string.Equals(argument, shortName, StringComparison.OrdinalIgnoreCase);
}
