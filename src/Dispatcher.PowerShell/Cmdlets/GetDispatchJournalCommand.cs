using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>Lists what a journal has recorded: the last entry of each task.</summary>
[Cmdlet(VerbsCommon.Get, "DispatchJournal")]
[OutputType(typeof(DispatchJournalEntry))]
public sealed class GetDispatchJournalCommand : PSCmdlet
{
    /// <summary>The folder that -JournalPath named.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("JournalPath")]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <summary>Only entries with these keys; wildcards are allowed.</summary>
    [Parameter(Position = 1)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Key { get; set; }

    /// <summary>Only entries of tasks that ended in one of these states.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [EnumValue(typeof(TaskState[]))]
    public TaskState[]? State { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (string path in Path)
        {
            try
            {
                Write(JournalFolder.Resolve(SessionState, path));
            }
            catch (JournalException e)
            {
                WriteError(new ErrorRecord(e, ErrorIds.JournalInvalid, ErrorCategory.OpenError, path));
            }
        }
    }

    private void Write(string folder)
    {
        IReadOnlyList<DispatchJournalEntry> all = DispatchJournal.Read(folder);
        IEnumerable<DispatchJournalEntry> entries = Key is null ? all : Key.SelectMany(key => Select(all, key, folder));
        foreach (DispatchJournalEntry entry in entries.Where(entry => State is null || State.Contains(entry.State)))
        {
            WriteObject(entry);
        }
    }

    private IReadOnlyList<DispatchJournalEntry> Select(IReadOnlyList<DispatchJournalEntry> all, string key, string folder)
    {
        var pattern = new NamePattern(key);
        IReadOnlyList<DispatchJournalEntry> found = pattern.Select(all, entry => entry.Key);
        if (found.Count == 0 && !pattern.HasWildcards)
        {
            WriteError(new ErrorRecord(
                new ItemNotFoundException("The journal '" + folder + "' has no entry with the key '" + key + "'." + pattern.Advice), ErrorIds.NoJournalEntry, ErrorCategory.ObjectNotFound, key));
        }

        return found;
    }
}
