using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Xunit;

namespace Dispatching.PowerShell.Tests;

/// <summary>What the help mentions is there.</summary>
public sealed partial class HelpLinkTests
{
    // What the texts mention that is not of this module.
    private static readonly HashSet<string> s_otherParameters = new(StringComparer.Ordinal)
    {
        "-Parallel", "-First", "-Full", "-Examples", "-Strict", "-Invoke", "-Times", "-Exactly", "-NoLogo",
    };

    public static TheoryData<string> Texts => new(HelpFile.Cmdlets.Keys.Concat(HelpFile.Topics.Keys));

    [Theory]
    [MemberData(nameof(Texts))]
    public void Every_cmdlet_of_this_module_that_is_mentioned_is_there(string name)
    {
        Assert.All(CommandName().Matches(TextOf(name)), match => Assert.Contains(match.Value, HelpFile.Cmdlets.Keys));
    }

    [Theory]
    [MemberData(nameof(Texts))]
    public void Every_topic_that_is_mentioned_is_there(string name)
    {
        Assert.All(TopicName().Matches(TextOf(name)), match => Assert.Contains(match.Value, HelpFile.Topics.Keys));
    }

    [Theory]
    [MemberData(nameof(Texts))]
    public void Every_parameter_that_is_mentioned_is_there(string name)
    {
        HashSet<string> known = [.. HelpFile.Cmdlets.Values.SelectMany(help => help.Descendants(HelpFile.Command + "parameter")).Select(parameter => "-" + HelpFile.Name(parameter)), .. s_otherParameters];
        known.Add("-ThrottleLimit");
        known.UnionWith(Cmdlet.CommonParameters.Select(parameter => "-" + parameter));
        IEnumerable<string> texts = HelpFile.Cmdlets.TryGetValue(name, out XElement? help)
            ? HelpFile.Paragraphs(help).Where(text => !text.StartsWith(HelpExample.OutputMark, StringComparison.Ordinal))
            : [Prose(HelpFile.Topics[name])];
        Assert.All(texts.SelectMany(text => ParameterName().Matches(text)), match => Assert.Contains(match.Value, known));
    }

    [Theory]
    [MemberData(nameof(CmdletHelpTests.Cmdlets), MemberType = typeof(CmdletHelpTests))]
    public void Related_links_lead_somewhere(string cmdlet)
    {
        string[] links = HelpFile.Cmdlets[cmdlet].Descendants(HelpFile.Maml + "linkText").Select(link => link.Value).ToArray();
        Assert.NotEmpty(links);
        Assert.Equal(links.Distinct(StringComparer.Ordinal), links);
        Assert.All(links, link => Assert.Contains(link, HelpFile.Cmdlets.Keys.Concat(HelpFile.Topics.Keys)));
        Assert.DoesNotContain(cmdlet, links);
    }

    private static string TextOf(string name) => HelpFile.Cmdlets.TryGetValue(name, out XElement? help) ? string.Join("\n", help.DescendantNodes().OfType<XText>()) : HelpFile.Topics[name];

    /// <summary>A topic without its tables and its code, in which others have their say.</summary>
    private static string Prose(string topic) =>
        string.Join("\n", AboutTests.Prose(topic).SelectMany(block => block.Split('\n')).Where(line => !line.Contains(" | ", StringComparison.Ordinal)));

    [GeneratedRegex(@"\b[A-Z][a-z]+-Dispatch\w*")]
    private static partial Regex CommandName();

    [GeneratedRegex(@"\babout_\w+")]
    private static partial Regex TopicName();

    [GeneratedRegex(@"(?<![\w-])-[A-Z]\w+")]
    private static partial Regex ParameterName();
}
