using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation.Language;
using Xunit;

namespace Dispatching.PowerShell.Tests;

/// <summary>The about topics are in the form that Get-Help and people read.</summary>
public sealed class AboutTests
{
    /// <summary>Paragraphs that begin so are PowerShell.</summary>
    private const string CodeIndent = "        ";

    private const int Widest = 80;

    public static TheoryData<string> Topics => new(HelpFile.Topics.Keys);

    [Fact]
    public void There_are_these()
    {
        Assert.Equal(["about_Dispatcher", "about_Dispatcher_Journal", "about_Dispatcher_Migration", "about_Dispatcher_Policies", "about_Dispatcher_Remote", "about_Dispatcher_Testing"], HelpFile.Topics.Keys.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Topics))]
    public void Each_begins_with_its_name_and_a_summary(string topic)
    {
        string[] lines = HelpFile.Topics[topic].Split('\n');
        Assert.Equal(["TOPIC", "    " + topic, "", "SHORT DESCRIPTION"], lines.Take(4));
        Assert.StartsWith("    ", lines[4], StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Topics))]
    public void No_line_is_too_long(string topic)
    {
        Assert.All(HelpFile.Topics[topic].Split('\n'), line =>
        {
            Assert.True(line.Length <= Widest, line);
            Assert.DoesNotContain('\t', line);
            Assert.Equal(line.TrimEnd(), line);
        });
    }

    [Theory]
    [MemberData(nameof(Topics))]
    public void Its_code_is_PowerShell(string topic)
    {
        string[] blocks = Code(HelpFile.Topics[topic]).ToArray();
        Assert.NotEmpty(blocks);
        Assert.All(blocks, block =>
        {
            Parser.ParseInput(block, out _, out ParseError[] errors);
            Assert.True(errors.Length == 0, block);
        });
    }

    /// <summary>The paragraphs that are code: their first line is indented that far, and no further.</summary>
    internal static IEnumerable<string> Code(string topic) => topic.Split("\n\n").Where(IsCode)
        .Select(block => string.Join("\n", block.Split('\n').Select(line => line.StartsWith(CodeIndent, StringComparison.Ordinal) ? line[CodeIndent.Length..] : line)));

    /// <summary>The other paragraphs.</summary>
    internal static IEnumerable<string> Prose(string topic) => topic.Split("\n\n").Where(block => !IsCode(block));

    private static bool IsCode(string block) => block.StartsWith(CodeIndent, StringComparison.Ordinal) && block.Length > CodeIndent.Length && block[CodeIndent.Length] != ' ';
}
