using System;
using System.Collections.Generic;
using System.IO;
using System.Text;

namespace Dispatching;

/// <summary>
/// The outputs that a journal has recorded: in its lines, and those that are too long for one in files of their own, whose
/// first nine bytes are the sum over the rest and a line end. Safe to use from any thread.
/// </summary>
internal sealed class JournalOutputs : IDisposable
{
    /// <summary>In characters. Longer outputs get a file, so that opening the journal stays quick.</summary>
    internal const int LongestInLine = 32 * 1024;

    private const int Start = JournalLine.SumLength + 1;

    private readonly string _folder;
    private readonly IOutputSerializer? _serializer;
    private readonly object _lock = new();
    private FileStream? _file;
    private bool _isClosed;

    internal JournalOutputs(string folder, IOutputSerializer? serializer)
    {
        _folder = folder;
        _serializer = serializer;
    }

    /// <summary>Makes the objects of an output again.</summary>
    /// <exception cref="Exception">It is damaged, or is not there any more.</exception>
    internal List<object?> Read(RecordedOutput recorded) =>
        OutputText.Read(recorded.File is { } name ? ReadFile(name) : ReadLine(recorded), Deserialize);

    /// <summary>Writes an output to a file of its own, and returns its name.</summary>
    internal string Write(string output)
    {
        string folder = Path.Combine(_folder, JournalReader.OutputFolder);
        Folders.Create(folder);
        string name = Guid.NewGuid().ToString("N") + ".txt";
        byte[] bytes = new byte[Start + Encoding.UTF8.GetByteCount(output)];
        Encoding.UTF8.GetBytes(output, 0, output.Length, bytes, Start);
        bytes[Start - 1] = (byte)'\n';
        Encoding.ASCII.GetBytes(JournalLine.Sum(bytes, Start, bytes.Length - Start), 0, JournalLine.SumLength, bytes, 0);
        string path = Path.Combine(folder, name);
        try
        {
            using FileStream file = JournalFile.Open(path, FileMode.CreateNew, FileAccess.Write);
            file.Write(bytes, 0, bytes.Length);
            file.Flush(flushToDisk: true);
        }
        catch (IOException)
        {
            File.Delete(path);
            throw;
        }

        return name;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _isClosed = true;
            Close();
        }
    }

    private IEnumerable<object?> Deserialize(string text) => _serializer?.Deserialize(text)
        ?? throw new FormatException("It has objects, and there is nothing that reads them.");

    private string ReadLine(RecordedOutput recorded)
    {
        if (TryReadLine(recorded, out string? output))
        {
            return output!; // There is one when it returns true.
        }

        // It was opened again since, and made smaller: the line is elsewhere by now.
        var reader = new JournalReader(_folder, keepsEntries: false);
        reader.Read();
        return reader.Find(recorded.Id) is { IsCompleted: true } line && TryReadLine(line.Output, out output)
            ? output!
            : throw new FormatException("The record is damaged, or is not there any more.");
    }

    private bool TryReadLine(RecordedOutput recorded, out string? output)
    {
        byte[] line = new byte[recorded.Length];
        lock (_lock)
        {
            _file ??= JournalFile.Open(Path.Combine(_folder, JournalFile.Name), FileMode.Open, FileAccess.Read);
            JournalFile.Read(_file, recorded.Offset, line);
            if (_isClosed)
            {
                // Tasks may be received long after the journal was closed.
                Close();
            }
        }

        output = null;
        if (!JournalLine.IsIntact(line, 0, line.Length - 1)
            || JournalLine.Read(line, 0, line.Length - 1, needsOutput: true) is not { } values
            || !string.Equals(JournalLine.GetId(values), recorded.Id, StringComparison.Ordinal)
            || !JournalLine.IsCompleted(values))
        {
            return false;
        }

        output = JournalLine.Get(values, "output") ?? string.Empty;
        return true;
    }

    private string ReadFile(string name)
    {
        byte[] bytes = File.ReadAllBytes(Path.Combine(_folder, JournalReader.OutputFolder, name));
        return bytes.Length > Start
            && bytes[Start - 1] == '\n'
            && string.Equals(JournalLine.Sum(bytes, Start, bytes.Length - Start), Encoding.ASCII.GetString(bytes, 0, JournalLine.SumLength), StringComparison.Ordinal)
                ? Encoding.UTF8.GetString(bytes, Start, bytes.Length - Start)
                : throw new FormatException("Its file is damaged.");
    }

    private void Close()
    {
        _file?.Dispose();
        _file = null;
    }
}
