using System.Globalization;

namespace Dispatching;

/// <summary>How a key and its occurrence are one text, inside of this process alone.</summary>
internal static class JournalKey
{
    internal static string ToId(string key, int occurrence) => occurrence == 1 ? key : key + "\0" + occurrence.ToString(CultureInfo.InvariantCulture);
}
