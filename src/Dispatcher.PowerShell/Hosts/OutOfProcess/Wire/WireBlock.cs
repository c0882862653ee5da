using System;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace Dispatching.PowerShell;

/// <summary>
/// The source of a script block, with its file and the place in it: parsed again at the other end, its errors show the
/// same file, line and column.
/// </summary>
internal sealed class WireBlock
{
    private readonly BlockForm _form;
    private readonly string _text;
    private readonly string? _file;
    private readonly int _line;
    private readonly int _column;

    private WireBlock(BlockForm form, string text, string? file, int line, int column)
    {
        _form = form;
        _text = text;
        _file = file;
        _line = line;
        _column = column;
    }

    private enum BlockForm
    {
        /// <summary>A whole script.</summary>
        Script = 0,

        /// <summary>A block in braces.</summary>
        Expression = 1,

        /// <summary>The definition of a function.</summary>
        Function = 2,
    }

    internal static WireBlock Of(Ast ast)
    {
        BlockForm form = ast switch
        {
            FunctionDefinitionAst => BlockForm.Function,
            { Parent: ScriptBlockExpressionAst } => BlockForm.Expression,
            _ => BlockForm.Script,
        };
        IScriptExtent extent = ast.Extent;
        return new WireBlock(form, extent.Text, extent.File, extent.StartLineNumber, extent.StartColumnNumber);
    }

    internal static WireBlock Decode(object?[] sent) => new(
        WireValues.ToEnum<BlockForm>(sent[0]), WireValues.Text(sent[1]), WireValues.TextOrNull(sent[2]), (int)WireValues.Number(sent[3]), (int)WireValues.Number(sent[4]));

    internal object?[] Encode() => [(int)_form, _text, _file, _line, _column];

    internal CapturedScriptBlock Capture(PSLanguageMode languageMode) => CapturedScriptBlock.Of(Parse(), languageMode, "A script block");

    /// <exception cref="FormatException">The text is no script here: this engine is older than the other.</exception>
    internal Ast Parse()
    {
        string padding = new string('\n', Math.Max(0, _line - 1)) + new string(' ', Math.Max(0, _column - 1));
        ScriptBlockAst script = Parser.ParseInput(padding + _text, _file, out _, out ParseError[] errors);
        if (errors.Length > 0)
        {
            throw new FormatException(string.Format(CultureInfo.InvariantCulture, "The script block cannot be parsed by the PowerShell that is to run it: {0}", errors[0].Message));
        }

        return _form switch
        {
            BlockForm.Expression => ((ScriptBlockExpressionAst)script.Find(ast => ast is ScriptBlockExpressionAst, searchNestedScriptBlocks: false)).ScriptBlock,
            BlockForm.Function => script.Find(ast => ast is FunctionDefinitionAst, searchNestedScriptBlocks: false),
            _ => script,
        };
    }
}
