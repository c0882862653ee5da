using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation.Language;
using Xunit;

namespace Dispatching.PowerShell.Tests;

/// <summary>The examples of the help: all can be read; those that need no more than the engine are run. The Pester suite runs the others.</summary>
public sealed class HelpExampleTests
{
    // The bare engine has few commands; these many examples do with them.
    private const int FewestRun = 15;

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

        Invocation run = session.Invoke(one.Code);
        Assert.Null(run.Terminated);
        Assert.Empty(run.Errors);
        if (one.Output is { } expected)
        {
            Assert.Equal(expected, run.Text);
        }

        Assert.Empty(session.Run("Get-Dispatcher; Get-Job"));
    }

    [Fact]
    public void Enough_examples_run_here()
    {
        using var session = new Session();
        int count = HelpFile.Examples.Count(example => CanRun(session, example));
        Assert.True(count >= FewestRun, FormattableString.Invariant($"Only {count} examples run in the bare engine."));
    }

    private static HelpExample Find(string name) => HelpFile.Examples.Single(example => example.ToString() == name);

    private static ParseError[] Parse(HelpExample example, out ScriptBlockAst ast)
    {
        ast = Parser.ParseInput(example.Code, out _, out ParseError[] errors);
        return errors;
    }

    /// <summary>Whether everything that an example calls is there: commands, and programs that are to be found by their name.</summary>
    private static bool CanRun(Session session, HelpExample example)
    {
        Parse(example, out ScriptBlockAst ast);
        CommandAst[] commands = ast.FindAll(node => node is CommandAst, searchNestedScriptBlocks: true).Cast<CommandAst>().ToArray();
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
