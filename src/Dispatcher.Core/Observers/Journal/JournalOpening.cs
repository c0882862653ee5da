using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;

namespace Dispatching;

/// <summary>What happens when a journal is opened for writing: it is read, mended, and made smaller where that pays.</summary>
internal static class JournalOpening
{
    private const string NewName = "journal.new";

    /// <summary>Opens a journal whose lock is held.</summary>
    internal static (JournalFile File, JournalIndex Index, List<string> Notices) Open(string folder, Clock clock)
    {
        var reader = new JournalReader(folder, keepsEntries: false);
        reader.Read();
        string path = Path.Combine(folder, JournalFile.Name);
        List<string> notices = GetNotices(folder, reader);
        if (reader.HasWaste)
        {
            TryCompact(folder, reader, clock);
        }

        JournalFile file = JournalFile.Open(path, reader.Length);
        try
        {
            if (reader.Length == 0)
            {
                file.Append(JournalLine.CreateHeader(clock.ToDateTime(clock.GetTimestamp())));
                file.Flush();
            }
        }
        catch (Exception)
        {
            file.Dispose();
            throw;
        }

        DeleteUnused(folder, reader);
        return (file, CreateIndex(reader), notices);
    }

    private static JournalIndex CreateIndex(JournalReader reader)
    {
        var index = new JournalIndex();
        foreach (JournalReader.Line line in reader.Lines.Where(line => line.IsCompleted))
        {
            index.Add(line.Output);
        }

        return index;
    }

    private static List<string> GetNotices(string folder, JournalReader reader)
    {
        var notices = new List<string>();
        if (reader.IsTorn)
        {
            notices.Add("The last record of the journal '" + folder + "' was cut off, as by the end of its process, and was dropped: its task runs again.");
        }

        if (reader.DamagedCount > 0)
        {
            notices.Add(string.Format(CultureInfo.CurrentCulture, "Of the records of the journal '{0}', {1} {2} damaged, and dropped: what they were about runs again.", folder, reader.DamagedCount, reader.DamagedCount == 1 ? "was" : "were"));
        }

        if (reader.LostOutputCount > 0)
        {
            notices.Add(string.Format(CultureInfo.CurrentCulture, "Of the outputs of the journal '{0}', {1} {2} not there any more: the tasks run again.", folder, reader.LostOutputCount, reader.LostOutputCount == 1 ? "is" : "are"));
        }

        return notices;
    }

    /// <summary>Writes what counts to a new file, which takes the place of the other at once. Where there is no space for that, all stays as it is.</summary>
    private static void TryCompact(string folder, JournalReader reader, Clock clock)
    {
        string path = Path.Combine(folder, JournalFile.Name);
        string target = Path.Combine(folder, NewName);
        JournalReader.Line[] lines = [.. reader.Lines];
        byte[] header = JournalLine.CreateHeader(clock.ToDateTime(clock.GetTimestamp()));
        try
        {
            using (FileStream source = JournalFile.Open(path, FileMode.Open, FileAccess.Read))
            using (FileStream written = JournalFile.Open(target, FileMode.Create, FileAccess.Write))
            using (var buffered = new BufferedStream(written, 1 << 16))
            {
                buffered.Write(header, 0, header.Length);
                Array.ForEach(lines, line => Copy(source, buffered, line.Output));
                buffered.Flush();
                written.Flush(flushToDisk: true);
            }

            Replace(target, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            TryDelete(target);
            return;
        }

        reader.Length = header.Length;
        foreach (JournalReader.Line line in lines)
        {
            line.Output.Offset = reader.Length;
            reader.Length += line.Output.Length;
        }
    }

    private static void Copy(FileStream source, Stream target, RecordedOutput line)
    {
        byte[] bytes = new byte[line.Length];
        JournalFile.Read(source, line.Offset, bytes);
        target.Write(bytes, 0, bytes.Length);
    }

    private static void Replace(string source, string target)
    {
#if NET
        File.Move(source, target, overwrite: true);
#else
        File.Replace(source, target, destinationBackupFileName: null);
#endif
    }

    private static void DeleteUnused(string folder, JournalReader reader)
    {
        string outputs = Path.Combine(folder, JournalReader.OutputFolder);
        if (!Directory.Exists(outputs))
        {
            return;
        }

        HashSet<string> used = [.. reader.Lines.Select(line => line.Output.File).Where(name => name is not null).Select(name => name!)];
        foreach (string file in Directory.EnumerateFiles(outputs, "*.txt").Where(file => !used.Contains(Path.GetFileName(file))).ToArray())
        {
            TryDelete(file);
        }
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It takes space, and nothing more.
        }
    }
}
