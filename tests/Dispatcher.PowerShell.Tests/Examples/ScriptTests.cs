using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation.Language;
using System.Xml.Linq;
using Xunit;

namespace Dispatching.PowerShell.Tests;

/// <summary>Every script of the repository parses, in each engine that it is for.</summary>
public sealed class ScriptTests
{
    private static readonly string[] s_built = [".git", "bin", "obj", "artifacts", "TestResults", "StrykerOutput"];

    public static TheoryData<string> Scripts => new(Find(".ps1", ".psm1", ".psd1"));

    public static TheoryData<string> Formats => new(Find(".ps1xml"));

    // What ships, what tests it there, and what builds it.
    public static TheoryData<string> ScriptsForBothEditions => new(Find(".ps1", ".psm1", ".psd1").Where(script =>
        script == "build.ps1" || script.StartsWith("module/", StringComparison.Ordinal) || script.StartsWith("tests/Pester/", StringComparison.Ordinal) || !IsForNewEngine(script)));

    [Theory]
    [MemberData(nameof(Scripts))]
    public void It_parses(string script)
    {
        Parser.ParseFile(FullPath(script), out _, out ParseError[] errors);
        Assert.Empty(errors.Select(error => error.ToString()));
    }

    [Theory]
    [MemberData(nameof(ScriptsForBothEditions))]
    public void It_parses_in_Windows_PowerShell_too(string script)
    {
        string text = File.ReadAllText(FullPath(script));
        Assert.Empty(OldEngine.Refuses(text));
        // Without a byte order mark, it reads a file in the code page of the machine.
        Assert.DoesNotContain(text, letter => letter > 127);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void The_blocks_in_it_parse_in_both(string format)
    {
        foreach (XElement block in XDocument.Load(FullPath(format)).Descendants("ScriptBlock"))
        {
            Assert.Empty(OldEngine.Refuses(block.Value));
        }
    }

    [Theory]
    [InlineData("$a ? 1 : 2")]
    [InlineData("$a ?? 1")]
    [InlineData("$a ??= 1")]
    [InlineData("${a}?.b")]
    [InlineData("${a}?.b()")]
    [InlineData("${a}?[0]")]
    [InlineData("a && b")]
    [InlineData("a || b")]
    [InlineData("a &")]
    [InlineData("function f { process { } clean { } }")]
    [InlineData("1 | ForEach-Object -Parallel { $_ }")]
    [InlineData("1 | % -pa { $_ }")]
    [InlineData("1u")]
    [InlineData("\"`e[0m\"")]
    [InlineData("\"`u{e9}\"")]
    [InlineData("\"$(\"$a`e\")\"")]
    [InlineData("& { if (1) { \"$($a ? 1 : 2)\" } }")]
    public void New_syntax_is_noticed(string script) => Assert.NotEmpty(OldEngine.Refuses(script));

    [Theory]
    [InlineData("1L; 1KB; 1.5d; -1; 0x10; 5000000000; 1e3")]
    [InlineData("a; b | c; & d; '?? ?. && ||'; '`e'; \"``e ?.\"")]
    [InlineData("Where-Object { $_ } | ? Name | ForEach-Object Path | % -Process { 1 }")]
    [InlineData("class C { static [int] F() { return 1 } }; [C]::new()")]
    public void Old_syntax_is_not(string script) => Assert.Empty(OldEngine.Refuses(script));

    private static string FullPath(string script) => Path.Combine(ModulePackage.RepositoryRoot, script);

    private static bool IsForNewEngine(string script) =>
        Parser.ParseFile(FullPath(script), out _, out _).ScriptRequirements?.RequiredPSVersion is { Major: >= 7 };

    private static IEnumerable<string> Find(params string[] extensions) => Below(ModulePackage.RepositoryRoot)
        .Where(file => extensions.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase))
        .Select(file => Path.GetRelativePath(ModulePackage.RepositoryRoot, file).Replace('\\', '/'))
        .Order(StringComparer.Ordinal);

    private static IEnumerable<string> Below(string folder) => Directory.EnumerateFiles(folder).Concat(
        Directory.EnumerateDirectories(folder).Where(inner => !s_built.Contains(Path.GetFileName(inner), StringComparer.OrdinalIgnoreCase)).SelectMany(Below));
}
