using System.Text;

namespace Dispatching;

/// <summary>Encodings as executables need them.</summary>
internal static class TextEncoding
{
    internal static UTF8Encoding Utf8 { get; } = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>The same encoding, with what cannot be converted replaced and never fatal.</summary>
    internal static Encoding Lenient(Encoding encoding)
    {
        if (encoding.DecoderFallback is not DecoderExceptionFallback && encoding.EncoderFallback is not EncoderExceptionFallback)
        {
            return encoding;
        }

        var lenient = (Encoding)encoding.Clone();
        lenient.DecoderFallback = new DecoderReplacementFallback("\uFFFD");
        lenient.EncoderFallback = EncoderFallback.ReplacementFallback;
        return lenient;
    }
}
