using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using System.Reflection;
using System.Text;
using System.Threading;
using System.Xml.Linq;
using Xunit;

namespace Dispatching.PowerShell.Tests;

/// <summary>The help of the cmdlets says what the cmdlets are.</summary>
public sealed class CmdletHelpTests
{
    private const string AtLeastFive = "Processors, at least 5";

    // Where leaving a parameter out is not the same as giving the value that its property begins with.
    private static readonly Dictionary<string, string> s_leftOut = new(StringComparer.Ordinal)
    {
        ["New-Dispatcher Name"] = "Dispatcher<id>",
        ["Send-DispatchTask Name"] = "Task<id>",
        ["Invoke-DispatchTask Name"] = "Task<id>",
        ["Send-DispatchTask Timeout"] = "The dispatcher's TaskTimeout",
        ["Invoke-DispatchTask Timeout"] = "No limit",
        ["Send-DispatchTask WorkingDirectory"] = "The current location",
        ["Invoke-DispatchTask WorkingDirectory"] = "The current location",
        ["Invoke-DispatchTask Dispatcher"] = "One of its own",
        ["* Dispatcher"] = "The only one",
        ["Get-DispatchTask Dispatcher"] = "All of them",
        ["Wait-DispatchTask Dispatcher"] = "All of them",
        ["Receive-DispatchTask Dispatcher"] = "All of them",
        ["Start-Dispatcher Name"] = "The only one",
        ["Stop-Dispatcher Name"] = "The only one",
        ["Set-Dispatcher Name"] = "The only one",
        ["Remove-Dispatcher Name"] = "The only one",
        ["Set-Dispatcher MinWorkers"] = "As it is",
        ["Set-Dispatcher MaxWorkers"] = "As it is",
        ["Set-Dispatcher QueueSize"] = "As it is",
        ["Set-Dispatcher TaskTimeout"] = "As it is",
        ["Set-Dispatcher StopGrace"] = "As it is",
        ["Set-Dispatcher ScaleDownInterval"] = "As it is",
        ["Set-Dispatcher RateLimit"] = "As it is",
        ["Set-Dispatcher GroupLimit"] = "As it is",
        ["Set-Dispatcher MaxFailures"] = "As it is",
        ["Set-Dispatcher FailureAction"] = "As it is",
        ["Set-Dispatcher FailOnError"] = "As it is",
        ["Set-Dispatcher HostName"] = "As it is",
        ["Set-Dispatcher Session"] = "As it is",
        ["Send-DispatchTask HostName"] = "Any of them",
        ["* Port"] = "ssh's configuration",
        ["Suspend-Dispatcher Name"] = "The only one",
        ["Resume-Dispatcher Name"] = "The only one",
        ["Send-DispatchTask FailOnError"] = "As the dispatcher says",
        ["Invoke-DispatchTask FailOnError"] = "As the dispatcher says",
        ["* BatchSize"] = "One task per item",
        ["* RetryMaxDelay"] = "No bound",
        ["* NotBefore"] = "None",
        ["* Key"] = "A hash",
        ["Get-DispatchJournal Key"] = "All",
        ["Get-DispatchJournal State"] = "All",
        ["* Path"] = "None",
        ["Remove-DispatchJournalEntry Key"] = "None",
        ["Remove-DispatchJournalEntry Occurrence"] = "All",
    };

    public static TheoryData<string> Cmdlets => new(HelpFile.Cmdlets.Keys);

    [Fact]
    public void There_is_help_for_every_cmdlet_and_for_nothing_else()
    {
        using var session = new Session();
        Assert.Equal(
            session.Text("(Get-Module Dispatcher).ExportedCommands.Keys").Order(StringComparer.Ordinal),
            HelpFile.Cmdlets.Keys.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void Each_syntax_is_one_that_the_cmdlet_has(string cmdlet)
    {
        using var session = new Session();
        CommandInfo command = session.One("Get-Command " + cmdlet);
        Assert.Equal(
            command.ParameterSets.OrderByDescending(set => set.IsDefault)
                .Select(set => string.Join("\n", set.Parameters.Where(parameter => IsOwn(parameter.Name)).Select(parameter => Describe(command, parameter, Values(parameter.ParameterType))).Order(StringComparer.Ordinal))),
            HelpFile.Cmdlets[cmdlet].Descendants(HelpFile.Command + "syntaxItem")
                .Select(item => string.Join("\n", item.Elements(HelpFile.Command + "parameter").Select(parameter => Describe(parameter, Values(parameter))).Order(StringComparer.Ordinal))));
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void Each_parameter_is_one_that_the_cmdlet_has(string cmdlet)
    {
        using var session = new Session();
        CommandInfo command = session.One("Get-Command " + cmdlet);
        Assert.Equal(
            command.ParameterSets.SelectMany(set => set.Parameters).Where(parameter => IsOwn(parameter.Name)).GroupBy(parameter => parameter.Name, StringComparer.Ordinal)
                .Select(group => Describe(command, group.First(), group.First().ParameterType.Name)).Order(StringComparer.Ordinal),
            Parameters(cmdlet).Select(parameter => Describe(parameter, HelpFile.Name(parameter.Element(HelpFile.Dev + "type")!))).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void Each_default_is_what_leaving_the_parameter_out_means(string cmdlet)
    {
        using var session = new Session();
        var type = (Type)session.One("(Get-Command " + cmdlet + ").ImplementingType");
        object fresh = Activator.CreateInstance(type)!; // A cmdlet can be made.
        using var disposable = fresh as IDisposable;
        foreach (XElement parameter in Parameters(cmdlet))
        {
            string name = HelpFile.Name(parameter);
            object? value = type.GetProperty(name)?.GetValue(fresh);
            string expected = s_leftOut.GetValueOrDefault(cmdlet + " " + name) ?? s_leftOut.GetValueOrDefault("* " + name) ?? DescribeDefault(name, value);
            string said = parameter.Element(HelpFile.Dev + "defaultValue")!.Value;
            Assert.True(expected == said, FormattableString.Invariant($"{cmdlet} -{name}: the help says '{said}', it is '{expected}'."));
        }
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void Units_and_ranges_are_told(string cmdlet)
    {
        using var session = new Session();
        var type = (Type)session.One("(Get-Command " + cmdlet + ").ImplementingType");
        foreach (XElement parameter in Parameters(cmdlet))
        {
            string text = string.Join(" ", HelpFile.Paragraphs(parameter));
            Assert.False(string.IsNullOrWhiteSpace(text), cmdlet + " -" + HelpFile.Name(parameter) + " is not described.");
            foreach (Attribute attribute in type.GetProperty(HelpFile.Name(parameter))?.GetCustomAttributes() ?? [])
            {
                if (attribute is ValidateRangeAttribute range)
                {
                    Assert.Contains(FormattableString.Invariant($"Range: {range.MinRange} or more"), text, StringComparison.Ordinal);
                }
                else if (attribute.GetType().GetProperty("Kind")?.GetValue(attribute) is { } kind && attribute.GetType().Name == "DurationAttribute")
                {
                    Assert.Contains("number of seconds", text, StringComparison.Ordinal);
                    Assert.Contains(Special(kind.ToString()), text, StringComparison.Ordinal);
                }
            }
        }
    }

    [Fact]
    public void Parameters_that_cmdlets_share_are_described_in_the_same_words()
    {
        using var session = new Session();
        var described = HelpFile.Cmdlets.Keys.SelectMany(cmdlet => Parameters(cmdlet).Select(parameter => (
            Cmdlet: cmdlet,
            Property: ((Type)session.One("(Get-Command " + cmdlet + ").ImplementingType")).GetProperty(HelpFile.Name(parameter)),
            Text: string.Join("\n", HelpFile.Paragraphs(parameter))))).Where(one => one.Property is { } property && property.DeclaringType != property.ReflectedType);
        Assert.All(described.GroupBy(one => (one.Property!.DeclaringType, one.Property.Name)), group =>
            Assert.True(group.Select(one => one.Text).Distinct(StringComparer.Ordinal).Count() == 1, "-" + group.Key.Name + " of " + string.Join(", ", group.Select(one => one.Cmdlet))));
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void Nothing_is_left_out(string cmdlet)
    {
        XElement help = HelpFile.Cmdlets[cmdlet];
        foreach (XElement? part in new[]
        {
            help.Element(HelpFile.Command + "details"), help.Element(HelpFile.Maml + "description"), help.Element(HelpFile.Command + "inputTypes"),
            help.Element(HelpFile.Command + "returnValues"), help.Element(HelpFile.Maml + "alertSet"),
        })
        {
            Assert.NotEmpty(HelpFile.Paragraphs(part));
            Assert.DoesNotContain(HelpFile.Paragraphs(part), string.IsNullOrWhiteSpace);
            Assert.DoesNotContain(HelpFile.Paragraphs(part), text => text.Contains('\n', StringComparison.Ordinal));
        }

        Assert.True(HelpFile.Examples.Count(example => example.Cmdlet == cmdlet) >= 3, "Fewer than three examples.");
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void Output_is_of_the_types_that_the_cmdlet_declares(string cmdlet)
    {
        using var session = new Session();
        IEnumerable<string> declared = session.Text("(Get-Command " + cmdlet + ").OutputType.Name").Select(name => name == "System.Void" ? "None" : name);
        Assert.Equal(
            declared.Order(StringComparer.Ordinal),
            HelpFile.Cmdlets[cmdlet].Descendants(HelpFile.Command + "returnValue").Select(value => HelpFile.Name(value.Element(HelpFile.Dev + "type")!)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void What_is_made_where_parameters_are_left_out_is_what_the_help_says()
    {
        using var session = new Session();
        Assert.Equal(
            ["True", "1", "1000", "Wait", "10", "2", "300", "True"],
            session.Text("""
                $made = New-Dispatcher
                $made.Name -match '^Dispatcher\d+$'
                $made.MinWorkers, $made.QueueSize, $made.QueueFullMode
                $made.TaskTimeout.TotalSeconds, $made.StopGrace.TotalSeconds, $made.ScaleDownInterval.TotalSeconds
                $made.MaxWorkers -eq [Math]::Max(5, [Environment]::ProcessorCount)
                """));
        Assert.Equal(
            ["True", "00:00:10", "00:00:07"],
            session.Text("$t = Send-DispatchTask { 1 }; $t.Name -eq \"Task$($t.Id)\"; $t.Timeout; Set-Dispatcher -TaskTimeout 7; $t.Timeout"));
        Assert.Equal("-00:00:00.0010000", Assert.Single(session.Text("(Invoke-DispatchTask { 1 } -WithTask).DispatchTask.Timeout")));
    }

    private static IEnumerable<XElement> Parameters(string cmdlet) =>
        HelpFile.Cmdlets[cmdlet].Element(HelpFile.Command + "parameters")?.Elements(HelpFile.Command + "parameter") ?? [];

    private static bool IsOwn(string parameter) => !Cmdlet.CommonParameters.Contains(parameter, StringComparer.OrdinalIgnoreCase);

    private static string Describe(CommandInfo command, CommandParameterInfo parameter, string type) => Describe(
        parameter.Name,
        parameter.IsMandatory,
        parameter.Position < 0 ? "named" : parameter.Position.ToString(CultureInfo.InvariantCulture),
        parameter.ValueFromPipeline ? "true (ByValue)" : parameter.ValueFromPipelineByPropertyName ? "true (ByPropertyName)" : "false",
        command.Parameters[parameter.Name].Attributes.Any(attribute => attribute is SupportsWildcardsAttribute),
        type,
        string.Join(", ", parameter.Aliases));

    private static string Describe(XElement parameter, string type) => Describe(
        HelpFile.Name(parameter),
        (string?)parameter.Attribute("required") == "true",
        (string?)parameter.Attribute("position"),
        (string?)parameter.Attribute("pipelineInput"),
        (string?)parameter.Attribute("globbing") == "true",
        type,
        (string?)parameter.Attribute("aliases") ?? string.Empty);

    /// <summary>What a syntax shows for a value: the names of an enumeration, or the type.</summary>
    private static string Values(Type type) => (type.GetElementType() ?? type) is { IsEnum: true } names ? string.Join("|", Enum.GetNames(names)) : type.Name;

    private static string Values(XElement parameter)
    {
        IEnumerable<string> values = parameter.Descendants(HelpFile.Command + "parameterValue").Select(value => value.Value);
        return values.Any() ? string.Join("|", values) : nameof(SwitchParameter);
    }

    private static string Describe(string name, bool isRequired, string? position, string? pipeline, bool isWild, string type, string aliases) =>
        FormattableString.Invariant($"-{name}, type {type}, required {isRequired}, position {position}, pipeline {pipeline}, wildcards {isWild}, aliases '{aliases}'");

    private static string DescribeDefault(string name, object? value) => value switch
    {
        null when name is "WhatIf" or "Confirm" => "False",
        null => "None",
        int number when name == "MaxWorkers" && number == Math.Max(5, Environment.ProcessorCount) => AtLeastFive,
        int.MaxValue => "No limit",
        TimeSpan span => span == Timeout.InfiniteTimeSpan ? "Infinite" : span.TotalSeconds.ToString(CultureInfo.InvariantCulture),
        UTF8Encoding encoding when encoding.GetPreamble().Length == 0 => "utf8",
        Array values => string.Join(", ", values.Cast<object>()),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? string.Empty,
    };

    private static string Special(string? kind) => kind switch
    {
        "Limit" => "0, -1 and Infinite mean no limit.",
        "Wait" => "0 does not wait; -1 and Infinite wait as long as it takes.",
        _ => "0 is none.",
    };
}
