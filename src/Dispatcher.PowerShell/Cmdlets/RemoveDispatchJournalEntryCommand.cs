using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>Removes entries from a journal, so that their tasks run again. No run may be using it meanwhile.</summary>
[Cmdlet(VerbsCommon.Remove, "DispatchJournalEntry", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class RemoveDispatchJournalEntryCommand : PSCmdlet
{
    private readonly Dictionary<string, List<(string Key, int? Occurrence)>> _wanted = new(StringComparer.Ordinal);

    /// <summary>The folder that -JournalPath named.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("JournalPath")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = string.Empty;

    /// <summary>The keys of the entries, exactly; or entries of Get-DispatchJournal from the pipeline.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string[] Key { get; set; } = [];

    /// <summary>Which of several equal keys of one run; default all.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateRange(1, int.MaxValue)]
    public int Occurrence { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        try
        {
            string folder = JournalFolder.Resolve(SessionState, Path);
            if (!_wanted.TryGetValue(folder, out List<(string, int?)>? wanted))
            {
                _wanted.Add(folder, wanted = []);
            }

            wanted.AddRange(Key.Select(key => (key, Occurrence == 0 ? (int?)null : Occurrence)));
        }
        catch (JournalException e)
        {
            WriteError(new ErrorRecord(e, ErrorIds.JournalInvalid, ErrorCategory.OpenError, Path));
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        // At the end: the journal may still be read by the command that writes the entries to the pipeline.
        foreach (KeyValuePair<string, List<(string Key, int? Occurrence)>> journal in _wanted)
        {
            try
            {
                Remove(journal.Key, journal.Value);
            }
            catch (JournalException e)
            {
                WriteError(new ErrorRecord(e, ErrorIds.JournalInvalid, ErrorCategory.OpenError, journal.Key));
            }
        }
    }

    private void Remove(string folder, List<(string Key, int? Occurrence)> wanted)
    {
        ILookup<string, DispatchJournalEntry> entries = DispatchJournal.Read(folder).ToLookup(entry => entry.Key, StringComparer.Ordinal);
        var chosen = new List<DispatchJournalEntry>();
        foreach ((string key, int? occurrence) in wanted)
        {
            DispatchJournalEntry[] found = entries[key].Where(entry => occurrence is null || entry.Occurrence == occurrence).ToArray();
            if (found.Length == 0)
            {
                WriteError(new ErrorRecord(
                    new ItemNotFoundException("The journal '" + folder + "' has no entry with the key '" + key + "'. Get-DispatchJournal lists the keys that it has."), ErrorIds.NoJournalEntry, ErrorCategory.ObjectNotFound, key));
            }

            chosen.AddRange(found.Where(entry => ShouldProcess("Remove the entry of key '" + entry.Key + "' from the journal '" + folder + "'", "Remove the entry of key '" + entry.Key + "' from the journal '" + folder + "'?", "Remove")));
        }

        if (chosen.Count > 0)
        {
            foreach (string notice in DispatchJournal.Remove(folder, chosen))
            {
                WriteWarning(notice);
            }
        }
    }
}
