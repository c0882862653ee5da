using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace Dispatching;

/// <summary>Reads and changes the journal of a dispatcher from outside: see <see cref="DispatcherOptions.JournalPath"/>.</summary>
public static class DispatchJournal
{
    /// <summary>Reads the last entry of each task, in the order in which they were written. It works while a run is writing.</summary>
    /// <param name="path">The folder.</param>
    /// <exception cref="JournalException">There is no journal, or it cannot be read.</exception>
    public static IReadOnlyList<DispatchJournalEntry> Read(string path)
    {
        string folder = Folders.Normalize(Require.NotNull(path, nameof(path)));
        if (!File.Exists(Path.Combine(folder, JournalFile.Name)))
        {
            throw new JournalException("There is no journal in '" + folder + "': it has no file " + JournalFile.Name + ".");
        }

        return Guard(folder, () =>
        {
            var reader = new JournalReader(folder, keepsEntries: true);
            reader.Read();
            return reader.Lines.Select(line => line.Entry!).Where(entry => entry is not null).ToArray();
        });
    }

    /// <summary>Removes entries, so that their tasks run again. No run may be writing the journal meanwhile.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="entries">The keys and occurrences.</param>
    /// <exception cref="JournalException">There is no journal, it is in use, or it cannot be written.</exception>
    /// <returns>Sentences about what was damaged or lost when it was opened.</returns>
    internal static IReadOnlyList<string> Remove(string path, IEnumerable<DispatchJournalEntry> entries)
    {
        string folder = Folders.Normalize(path);
        return Guard(folder, () =>
        {
            using JournalLock taken = JournalLock.Take(folder, "Remove-DispatchJournalEntry");
            (JournalFile file, _, List<string> notices) = JournalOpening.Open(folder, Clock.System);
            using (file)
            {
                foreach (DispatchJournalEntry entry in entries)
                {
                    file.Append(JournalLine.CreateRemoval(entry.Key, entry.Occurrence));
                }

                file.Flush();
            }

            return notices;
        });
    }

    private static T Guard<T>(string folder, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new JournalException("The journal '" + folder + "' cannot be used: " + e.Message, e);
        }
    }
}
