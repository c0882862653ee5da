using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace Dispatching.PowerShell;

/// <summary>Encodings by the names that users of PowerShell know.</summary>
internal static class EncodingNames
{
    private const int Utf16 = 1200;
    private const int Utf16BigEndian = 1201;
    private const int Utf32 = 12000;
    private const int Utf32BigEndian = 12001;
    private const int Utf8 = 65001;
    private const int Latin1 = 28591;

    /// <summary>The names that completion returns.</summary>
    internal static IReadOnlyList<string> All { get; } =
        ["utf8", "utf8BOM", "utf8NoBOM", "ascii", "ansi", "oem", "latin1", "unicode", "bigendianunicode", "utf32", "bigendianutf32"];

    internal static Encoding? Find(string name)
    {
        if (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
        {
            return Find(number);
        }

        TextInfo text = CultureInfo.CurrentCulture.TextInfo;
        return name.ToUpperInvariant() switch
        {
            "UTF8" or "UTF8NOBOM" or "DEFAULT" => Find(Utf8),
            "UTF8BOM" => new UTF8Encoding(encoderShouldEmitUTF8Identifier: true),
            "ANSI" => Find(text.ANSICodePage),
            "OEM" => Find(text.OEMCodePage),
            "LATIN1" => Find(Latin1),
            "UNICODE" => Find(Utf16),
            "BIGENDIANUNICODE" => Find(Utf16BigEndian),
            "UTF32" => Find(Utf32),
            "BIGENDIANUTF32" => Find(Utf32BigEndian),
            _ => Known(() => Encoding.GetEncoding(name)) ?? FromCodePages(name, codePage: 0),
        };
    }

    internal static Encoding? Find(int codePage) => Known(() => Encoding.GetEncoding(codePage)) ?? FromCodePages(name: null, codePage);

    /// <summary>The same encoding without its byte order mark.</summary>
    internal static Encoding WithoutMark(Encoding encoding) => encoding.CodePage switch
    {
        Utf8 => new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
        Utf16 => new UnicodeEncoding(bigEndian: false, byteOrderMark: false),
        Utf16BigEndian => new UnicodeEncoding(bigEndian: true, byteOrderMark: false),
        Utf32 => new UTF32Encoding(bigEndian: false, byteOrderMark: false),
        Utf32BigEndian => new UTF32Encoding(bigEndian: true, byteOrderMark: false),
        _ => encoding,
    };

    private static Encoding? Known(Func<Encoding> find)
    {
        try
        {
            return WithoutMark(find());
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    /// <summary>.NET has most code pages in a provider of their own; .NET Framework has them anyway.</summary>
    private static Encoding? FromCodePages(string? name, int codePage)
    {
#if NET
        return name is null ? CodePagesEncodingProvider.Instance.GetEncoding(codePage) : CodePagesEncodingProvider.Instance.GetEncoding(name);
#else
        _ = name;
        _ = codePage;
        return null;
#endif
    }
}
