using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation.Language;
using Xunit;

namespace Dispatching.PowerShell.Tests;

/// <summary>The examples of the help: all can be read; those that need nothing but PowerShell and what this machine has are run.</summary>
public sealed class HelpExampleTests
{
    // Other systems lack a program or two.
    private const int FewestRun = 40;

    public static TheoryData<string> Names => new(HelpFile.Examples.Select(example => example.ToString()));

    [Theory]
    [MemberData(nameof(Names))]
    public void An_example_is_PowerShell(string example)
    {
        Assert.Empty(Parse(Find(example), out _));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void An_example_prints_what_it_shows_and_leaves_nothing_behind(string example)
    {
        using var session = new Session();
        HelpExample one = Find(example);
        if (!CanRun(session, one))
        {
            return;
        }

        DirectoryInfo folder = Directory.CreateTempSubdirectory();
        try
        {
            session.Runspace.SessionStateProxy.Path.SetLocation(folder.FullName);
            IReadOnlyList<string> printed = session.Text("& ([scriptblock]::Create($args[0])) | Out-String -Stream -Width 100", one.Code);
            if (one.Output is { } expected)
            {
                Assert.Equal(expected, WithoutEmptyEnds(printed));
            }

            Assert.Empty(session.Run("Get-Dispatcher; Get-Job"));
            Assert.Empty(folder.GetFileSystemInfos());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Enough_examples_run_here()
    {
        using var session = new Session();
        int count = HelpFile.Examples.Count(example => CanRun(session, example));
        Assert.True(count >= FewestRun, FormattableString.Invariant($"Only {count} examples run here."));
    }

    // A table has an empty line above it and below it.
    private static string[] WithoutEmptyEnds(IEnumerable<string> lines) => string.Join('\n', lines.Select(line => line.TrimEnd())).Trim('\n').Split('\n');

    private static HelpExample Find(string name) => HelpFile.Examples.Single(example => example.ToString() == name);

    private static ParseError[] Parse(HelpExample example, out ScriptBlockAst ast)
    {
        ast = Parser.ParseInput(example.Code, out _, out ParseError[] errors);
        return errors;
    }

    /// <summary>
    /// Whether everything that an example needs is there: commands, programs that are to be found by their name, and what
    /// worker processes need. No host answers to the names of the examples; the Pester suite has some that do.
    /// </summary>
    private static bool CanRun(Session session, HelpExample example)
    {
        Parse(example, out ScriptBlockAst ast);
        CommandAst[] commands = ast.FindAll(node => node is CommandAst, searchNestedScriptBlocks: true).Cast<CommandAst>().ToArray();
        string[] parameters = [.. commands.SelectMany(command => command.CommandElements).OfType<CommandParameterAst>().Select(parameter => parameter.ParameterName)];
        if (parameters.Contains("HostName", StringComparer.Ordinal))
        {
            return false;
        }

        if (parameters.Contains("Isolation", StringComparer.Ordinal))
        {
            if (OperatingSystem.IsWindows() || StagedModule.Build != "net8.0")
            {
                return false;
            }

            PinnedPowerShell.Use();
        }

        IEnumerable<string?> own = ast.FindAll(node => node is FunctionDefinitionAst, searchNestedScriptBlocks: true).Cast<FunctionDefinitionAst>().Select(function => function.Name);
        return commands.Select(command => command.GetCommandName()).Except(own, StringComparer.OrdinalIgnoreCase).Concat(commands.Select(Program)).OfType<string>()
            .All(name => session.Run("Get-Command -Name $args[0] -ErrorAction Ignore", name).Count > 0);
    }

    private static string? Program(CommandAst command)
    {
        int at = command.CommandElements.ToList().FindIndex(element => element is CommandParameterAst { ParameterName: "FilePath" });
        return at >= 0 && at + 1 < command.CommandElements.Count && command.CommandElements[at + 1] is StringConstantExpressionAst program ? program.Value : null;
    }
}
