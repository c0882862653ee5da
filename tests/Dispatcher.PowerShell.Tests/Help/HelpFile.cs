using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Xml.Linq;

namespace Dispatching.PowerShell.Tests;

/// <summary>The staged help of the cmdlets, as its file has it.</summary>
public static class HelpFile
{
    internal static readonly XNamespace Maml = "http://schemas.microsoft.com/maml/2004/10";
    internal static readonly XNamespace Command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    internal static readonly XNamespace Dev = "http://schemas.microsoft.com/maml/dev/2004/10";

    /// <summary>The folder of the staged module that holds the help in English.</summary>
    public static string Folder { get; } = Path.Combine(StagedModule.Folder, "en-US");

    /// <summary>The help of each cmdlet, by name.</summary>
    public static IReadOnlyDictionary<string, XElement> Cmdlets { get; } = XDocument.Load(Path.Combine(Folder, "Dispatcher.PowerShell.dll-Help.xml")).Root!.Elements(Command + "command")
        .ToDictionary(command => command.Element(Command + "details")!.Element(Command + "name")!.Value, StringComparer.Ordinal); // Without these it is no help file.

    /// <summary>The about topics: name and text.</summary>
    public static IReadOnlyDictionary<string, string> Topics { get; } = Directory.GetFiles(Folder, "about_*.help.txt")
        .ToDictionary(path => Path.GetFileName(path).Replace(".help.txt", string.Empty, StringComparison.Ordinal), path => File.ReadAllText(path).Replace("\r\n", "\n", StringComparison.Ordinal), StringComparer.Ordinal);

    /// <summary>All examples.</summary>
    public static IEnumerable<HelpExample> Examples => Cmdlets.SelectMany(cmdlet => cmdlet.Value.Descendants(Command + "example").Select((example, index) =>
        new HelpExample(cmdlet.Key, index + 1, example.Element(Dev + "code")!.Value, Paragraphs(example.Element(Dev + "remarks")).LastOrDefault(text => text.StartsWith(HelpExample.OutputMark, StringComparison.Ordinal)))));

    /// <summary>The paragraphs in an element, however deep.</summary>
    public static IEnumerable<string> Paragraphs(XElement? element) => element?.Descendants(Maml + "para").Select(paragraph => paragraph.Value) ?? [];

    internal static string Name(XElement element) => element.Element(Maml + "name")!.Value; // Every parameter has one.
}
