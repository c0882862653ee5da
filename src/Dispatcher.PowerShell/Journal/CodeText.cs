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
        foreach (Token token in tokens)
        {
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
                    text.Append(token.Text).Append(' ');
                    break;
            }
        }

        return text.ToString().TrimEnd();
    }
}
