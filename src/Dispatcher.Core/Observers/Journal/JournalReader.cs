using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace Dispatching;

/// <summary>Reads a journal from its beginning: what it has of each task, and what of it is damaged.</summary>
internal sealed class JournalReader
{
    internal const string OutputFolder = "outputs";

    private readonly string _folder;
    private readonly Dictionary<string, Line> _last = new(StringComparer.Ordinal);
    private readonly bool _keepsEntries;
    private HashSet<string>? _outputFiles;
    private bool _hasHeader;
    private int _lineCount;

    /// <param name="folder">The full path of the folder.</param>
    /// <param name="keepsEntries">Whether all that a line tells is wanted, or only what a run needs.</param>
    internal JournalReader(string folder, bool keepsEntries)
    {
        _folder = folder;
        _keepsEntries = keepsEntries;
    }

    /// <summary>How long the whole lines are together.</summary>
    internal long Length { get; set; }

    /// <summary>Whether there was half a line behind them.</summary>
    internal bool IsTorn { get; private set; }

    /// <summary>How many lines are not as they were written.</summary>
    internal int DamagedCount { get; private set; }

    /// <summary>How many tasks have completed, and the file with their output is gone.</summary>
    internal int LostOutputCount { get; private set; }

    /// <summary>Whether the file has lines that say nothing any more.</summary>
    internal bool HasWaste => _lineCount > _last.Count + (_hasHeader ? 1 : 0);

    /// <summary>The last line of each task, in the order of the file.</summary>
    internal IEnumerable<Line> Lines => _last.Values.OrderBy(line => line.Output.Offset);

    /// <summary>The last line of a task; <see langword="null"/> where there is none.</summary>
    internal Line? Find(string id) => _last.TryGetValue(id, out Line? line) ? line : null;

    /// <summary>Reads the file. One that is not there has nothing.</summary>
    /// <exception cref="JournalException">It is no journal, or that of a newer version.</exception>
    internal void Read()
    {
        string path = Path.Combine(_folder, JournalFile.Name);
        if (!File.Exists(path))
        {
            return;
        }

        bool isOther;
        using (FileStream file = JournalFile.Open(path, FileMode.Open, FileAccess.Read))
        {
            Length = JournalFile.ReadLines(file, Use);
            IsTorn = file.Length > Length;
            isOther = Length == 0 && IsTorn && !JournalLine.IsBeginning(file);
        }

        if (isOther || (DamagedCount > 0 && _lineCount == DamagedCount))
        {
            throw new JournalException("'" + path + "' is no journal: no line of it is one that a journal has. Give another folder, or move that file away.");
        }

        LoseMissingOutputs();
    }

    private void Use(byte[] buffer, int start, int length, long offset)
    {
        _lineCount++;
        if (!JournalLine.IsIntact(buffer, start, length) || JournalLine.Read(buffer, start, length, needsOutput: false) is not { } values)
        {
            DamagedCount++;
            return;
        }

        if (JournalLine.GetNumber(values, "journal") is { } version)
        {
            _hasHeader = true;
            if (version > JournalLine.Version)
            {
                throw new JournalException("The journal '" + _folder + "' was written by a newer version of Dispatcher (its format is " + version + ", and this version knows " + JournalLine.Version + "). Update the module, or give another folder.");
            }

            return;
        }

        if (JournalLine.GetId(values) is not { } id)
        {
            DamagedCount++;
            return;
        }

        _last.Remove(id);
        if (!JournalLine.IsRemoval(values))
        {
            var output = new RecordedOutput
            {
                Id = id,
                Offset = offset,
                Length = length + 1,
                File = JournalLine.Get(values, "outputFile"),
                IsKept = JournalLine.HasOutput(values),
                ExitCode = JournalLine.GetNumber(values, "exitCode"),
                HadErrors = JournalLine.HasErrors(values),
            };
            _last.Add(id, new Line(output, JournalLine.IsCompleted(values), _keepsEntries ? JournalLine.ToEntry(_folder, values) : null));
        }
    }

    private void LoseMissingOutputs()
    {
        foreach (Line line in _last.Values.Where(line => line.Output.File is not null).ToArray())
        {
            _outputFiles ??= Directory.Exists(Path.Combine(_folder, OutputFolder))
                ? [.. Directory.EnumerateFiles(Path.Combine(_folder, OutputFolder)).Select(file => Path.GetFileName(file))]
                : [];
            if (!_outputFiles.Contains(line.Output.File!))
            {
                LostOutputCount++;
                _last.Remove(line.Output.Id);
            }
        }
    }

    /// <summary>The last line of one task.</summary>
    internal sealed class Line(RecordedOutput output, bool isCompleted, DispatchJournalEntry? entry)
    {
        internal RecordedOutput Output { get; } = output;

        internal bool IsCompleted { get; } = isCompleted;

        internal DispatchJournalEntry? Entry { get; } = entry;
    }
}
