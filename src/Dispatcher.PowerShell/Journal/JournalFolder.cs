using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>The folder of a journal, as cmdlets take it.</summary>
internal static class JournalFolder
{
    /// <summary>Its full path, relative ones from the current folder of the file system.</summary>
    /// <exception cref="JournalException">It is no path of the file system.</exception>
    internal static string Resolve(SessionState session, string path)
    {
        if (string.IsNullOrWhiteSpace(path))
        {
            throw new JournalException("-JournalPath is empty. Give it the path of a folder.");
        }

        try
        {
            return new TaskFile(path).GetPath(session, item: null, "JournalPath");
        }
        catch (RuntimeException e) when (e is not PipelineStoppedException)
        {
            throw new JournalException(e.Message, e);
        }
    }
}
