using System;
using System.Collections;
using System.Collections.Generic;
using System.IO;
using System.Runtime.InteropServices;
using System.Text;

namespace Dispatching;

/// <summary>
/// The environment that executables get: that of this process with some variables changed. Reading it costs more than
/// all else that .NET does for a start, so it is read once for all tasks of a call.
/// </summary>
internal sealed class EnvironmentBlock
{
    private EnvironmentBlock(Dictionary<string, string> variables)
    {
        Variables = variables;
        using var text = new MemoryStream();
        var offsets = new List<int>(variables.Count);
        foreach (KeyValuePair<string, string> variable in variables)
        {
            offsets.Add((int)text.Length);
            byte[] entry = Encoding.UTF8.GetBytes(variable.Key + "=" + variable.Value + "\0");
            text.Write(entry, 0, entry.Length);
        }

        Text = text.ToArray();
        Offsets = [.. offsets];
    }

    internal IReadOnlyDictionary<string, string> Variables { get; }

    /// <summary>All entries in the form that the system takes, each closed by a zero.</summary>
    internal byte[] Text { get; }

    /// <summary>Where in <see cref="Text"/> each entry starts.</summary>
    internal int[] Offsets { get; }

    /// <summary>What is wrong with a variable, as a sentence; <see langword="null"/> if nothing is. The system would make another variable of it.</summary>
    internal static string? FindFault(string name, string? value) => name switch
    {
        "" => "An environment variable needs a name, and one of these has an empty one.",
        _ when name.IndexOfAny(['=']) >= 0 => "The name of an environment variable cannot hold '=', and '" + name + "' does.",
        _ when ProgramCheck.HasNull(name) => "The name of an environment variable cannot hold a null character, and '" + name.Replace("\0", "`0") + "' does.",
        _ when value is not null && ProgramCheck.HasNull(value) => "The value of an environment variable cannot hold a null character, and that of '" + name + "' does.",
        _ => null,
    };

    /// <exception cref="ArgumentException">A change is no possible variable.</exception>
    internal static EnvironmentBlock Create(IEnumerable<KeyValuePair<string, string?>>? changes)
    {
        bool isWindows = RuntimeInformation.IsOSPlatform(OSPlatform.Windows);
        var variables = new Dictionary<string, string>(isWindows ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal);
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            variables[(string)variable.Key] = (string?)variable.Value ?? string.Empty;
        }

        foreach (KeyValuePair<string, string?> change in changes ?? [])
        {
            if (FindFault(change.Key, change.Value) is { } fault)
            {
                throw new ArgumentException(fault, nameof(changes));
            }

            if (change.Value is null)
            {
                variables.Remove(change.Key);
            }
            else
            {
                variables[change.Key] = change.Value;
            }
        }

        return new EnvironmentBlock(variables);
    }
}
