using System.Management.Automation.Language;
using System.Text;

namespace Dispatching.PowerShell;

/// <summary>The text of code without what does not count: comments, white space, and empty lines.</summary>
internal static class CodeText
{
    /// <summary>The same for two texts that differ in comments and white space alone. One that does not parse stays as it is.</summary>
    internal static string Of(string code)
    {
        Parser.ParseInput(code, out Token[] tokens, out ParseError[] errors);
        if (errors.Length > 0)
        {
            return code;
        }

        var text = new StringBuilder(code.Length);
        for (int i = 0; i < tokens.Length; i++)
        {
            Token token = tokens[i];
            switch (token.Kind)
            {
                case TokenKind.Comment or TokenKind.LineContinuation or TokenKind.EndOfInput:
                    break;
                case TokenKind.NewLine:
                    if (text.Length > 0 && text[text.Length - 1] != '\n')
                    {
                        text.Append('\n');
                    }

                    break;
                default:
                    text.Append(i > 0 && IsApart(tokens[i - 1], token) ? "\t" : string.Empty).Append(token.Text).Append(' ');
                    break;
            }
        }

        return text.ToString().TrimEnd();
    }

    /// <summary>Whether white space between two tokens counts: where an argument is, it parts a value from its index, its member or its call.</summary>
    private static bool IsApart(Token before, Token token) =>
        before.Extent.EndOffset < token.Extent.StartOffset
        && token.Kind is TokenKind.LParen or TokenKind.LBracket or TokenKind.Dot or TokenKind.ColonColon
        && (before.Kind is TokenKind.Variable or TokenKind.RParen or TokenKind.RBracket || before.TokenFlags.HasFlag(TokenFlags.MemberName));
}
