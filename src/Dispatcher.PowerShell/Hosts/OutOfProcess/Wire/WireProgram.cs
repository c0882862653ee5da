using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;

namespace Dispatching.PowerShell;

/// <summary>An <see cref="ExecutableTask"/> on its way to an agent. Its paths are those of the machine where it runs; only the file of its input is read here.</summary>
/// <remarks>May throw what reading that file throws.</remarks>
internal static class WireProgram
{
    internal static object?[] Encode(ExecutableTask program) =>
    [
        program.FilePath,
        program.Arguments.ToArray(),
        program.Options.WorkingDirectory,
        program.Options.Environment?.SelectMany(variable => new[] { variable.Key, variable.Value }).ToArray(),
        program.Options.SuccessExitCodes.ToArray(),
        program.Options.Encoding.CodePage,
        program.Options.Encoding.GetPreamble().Length > 0,
        (int)program.Options.Output,
        program.Options.Append,
        program.Options.StandardErrorIsError,
        program.Options.KeepChildren,
        program.StandardInput is { Path: { } path } ? File.ReadAllBytes(path) : program.StandardInput?.Bytes,
        program.OutputFile,
        program.ErrorFile,
    ];

    /// <exception cref="FormatException">It cannot be run here.</exception>
    internal static ExecutableTask Decode(object?[] sent)
    {
        try
        {
            var options = new ExecutableOptions
            {
                WorkingDirectory = WireValues.TextOrNull(sent[2]),
                Environment = sent[3] is null ? null : ToPairs(WireValues.List(sent[3])),
                SuccessExitCodes = [.. WireValues.List(sent[4]).Select(code => (int)WireValues.Number(code))],
                Encoding = GetEncoding((int)WireValues.Number(sent[5]), WireValues.Flag(sent[6])),
                Output = WireValues.ToEnum<ExecutableOutput>(sent[7]),
                Append = WireValues.Flag(sent[8]),
                StandardErrorIsError = WireValues.Flag(sent[9]),
                KeepChildren = WireValues.Flag(sent[10]),
            };
            return new ExecutableTask(WireValues.Text(sent[0]), WireValues.List(sent[1]).Select(WireValues.Text), options)
            {
                StandardInput = PlainValue.Of(sent[11]) is byte[] bytes ? ExecutableInput.FromBytes(bytes) : null,
                OutputFile = WireValues.TextOrNull(sent[12]),
                ErrorFile = WireValues.TextOrNull(sent[13]),
            };
        }
        catch (ArgumentException e)
        {
            throw new FormatException(e.Message, e);
        }
    }

    private static KeyValuePair<string, string?>[] ToPairs(object?[] list)
    {
        var pairs = new KeyValuePair<string, string?>[list.Length / 2];
        for (int i = 0; i < pairs.Length; i++)
        {
            pairs[i] = new KeyValuePair<string, string?>(WireValues.Text(list[2 * i]), WireValues.TextOrNull(list[(2 * i) + 1]));
        }

        return pairs;
    }

    private static Encoding GetEncoding(int codePage, bool hasMark) =>
        codePage == Encoding.UTF8.CodePage ? new UTF8Encoding(hasMark) : Encoding.GetEncoding(codePage);
}
