using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation.Language;

namespace Dispatching.PowerShell.Tests;

/// <summary>Finds what Windows PowerShell 5.1 does not parse, or reads as something else, in a script that newer engines do parse.</summary>
public static class OldEngine
{
    /// <summary>What is too new in a script, each with its line.</summary>
    /// <param name="script">Its text.</param>
    /// <exception cref="System.Management.Automation.ParseException">No engine parses it.</exception>
    public static IReadOnlyList<string> Refuses(string script)
    {
        ScriptBlockAst root = Parser.ParseInput(script, out Token[] tokens, out ParseError[] errors);
        if (errors.Length > 0)
        {
            throw new System.Management.Automation.ParseException(errors);
        }

        IEnumerable<(IScriptExtent Extent, string? What)> found = root.FindAll(_ => true, searchNestedScriptBlocks: true)
            .Select(ast => (ast.Extent, NewSyntax(ast)))
            .Concat(tokens.SelectMany(WithNested).Select(token => (token.Extent, NewLiteral(token))));
        return found.Where(one => one.What is not null).Select(one => one.Extent.StartLineNumber + ": " + one.What).ToArray();
    }

    private static string? NewSyntax(Ast ast) => ast switch
    {
        TernaryExpressionAst => "? :",
        PipelineChainAst => "&& or ||",
        BinaryExpressionAst { Operator: TokenKind.QuestionQuestion } => "??",
        AssignmentStatementAst { Operator: TokenKind.QuestionQuestionEquals } => "??=",
        MemberExpressionAst { NullConditional: true } => "?.",
        IndexExpressionAst { NullConditional: true } => "?[]",
        PipelineAst { Background: true } => "&",
        NamedBlockAst { BlockKind: TokenKind.Clean } => "clean",
        CommandAst command when IsParallel(command) => "ForEach-Object -Parallel",
        _ => null,
    };

    private static bool IsParallel(CommandAst command) =>
        command.GetCommandName() is { } name
        && (name.Equals("ForEach-Object", StringComparison.OrdinalIgnoreCase) || name is "foreach" or "%")
        && command.CommandElements.OfType<CommandParameterAst>().Any(parameter => parameter.ParameterName.StartsWith("pa", StringComparison.OrdinalIgnoreCase));

    private static string? NewLiteral(Token token) => token switch
    {
        NumberToken number when number.Value is sbyte or byte or short or ushort or uint or ulong or System.Numerics.BigInteger => "a number's suffix",
        StringExpandableToken text when Escapes(text.Text).Contains('e') => "`e",
        StringExpandableToken text when Escapes(text.Text).Contains('u') => "`u{}",
        _ => null,
    };

    // The letters that a backtick stands before; a backtick may be one of them.
    private static IEnumerable<char> Escapes(string text)
    {
        for (int i = 0; i < text.Length - 1; i++)
        {
            if (text[i] == '`')
            {
                yield return text[++i];
            }
        }
    }

    private static IEnumerable<Token> WithNested(Token token) =>
        token is StringExpandableToken { NestedTokens: { } nested } ? nested.SelectMany(WithNested).Prepend(token) : [token];
}
