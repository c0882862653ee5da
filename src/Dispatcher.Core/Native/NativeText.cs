using System.Text;

namespace Dispatching;

/// <summary>Text as the C library takes it.</summary>
internal static class NativeText
{
    /// <summary>The text in UTF-8, with a zero at its end.</summary>
    internal static byte[] Terminated(string text) => Encoding.UTF8.GetBytes(text + "\0");
}
