using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;

namespace Dispatching.PowerShell.Tests;

/// <summary>A living process as /proc tells of it. Its start time tells it from a later one with the same id.</summary>
public readonly record struct UnixProcess(int Id, int Parent, ulong StartTime)
{
    /// <summary>All processes, without those that have ended and whose parents have not noticed yet.</summary>
    public static IReadOnlyList<UnixProcess> GetAll()
    {
        var found = new List<UnixProcess>();
        foreach (string folder in Directory.GetDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out int id)
                && Parse(id, Read(id, "stat")) is { } process)
            {
                found.Add(process);
            }
        }

        return found;
    }

    /// <summary>Some processes, those that they started, and so on.</summary>
    public static IReadOnlyList<UnixProcess> WithDescendants(IReadOnlyList<UnixProcess> all, IEnumerable<UnixProcess> roots)
    {
        ILookup<int, UnixProcess> children = all.ToLookup(one => one.Parent);
        var found = new HashSet<UnixProcess>();
        var next = new Stack<UnixProcess>(roots);
        while (next.TryPop(out UnixProcess process))
        {
            if (found.Add(process))
            {
                foreach (UnixProcess child in children[process.Id])
                {
                    next.Push(child);
                }
            }
        }

        return [.. found];
    }

    /// <summary>Whether its environment has this variable with this value.</summary>
    public bool HasVariable(string variable) => ("\0" + Read(Id, "environ")).Contains("\0" + variable + "\0", StringComparison.Ordinal);

    private static UnixProcess? Parse(int id, string status)
    {
        // "1234 (name) S 1 ...": the name may have anything in it.
        string[] fields = status[(status.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length < 20 || fields[0] is "Z" or "X"
            ? null
            : new UnixProcess(id, int.Parse(fields[1], CultureInfo.InvariantCulture), ulong.Parse(fields[19], CultureInfo.InvariantCulture));
    }

    private static string Read(int id, string file)
    {
        try
        {
            return Encoding.UTF8.GetString(File.ReadAllBytes("/proc/" + id.ToString(CultureInfo.InvariantCulture) + "/" + file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return string.Empty;
        }
    }
}
