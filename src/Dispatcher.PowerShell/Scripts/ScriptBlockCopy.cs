using System.Management.Automation;
using System.Management.Automation.Language;

namespace Dispatching.PowerShell;

/// <summary>
/// Re-creates a script block from its syntax tree, for the runspace that runs it. The original would run in the session
/// that it was written in, on a thread that is not that session's.
/// </summary>
internal static class ScriptBlockCopy
{
    internal static ScriptBlock Create(Ast ast) => ast switch
    {
        ScriptBlockAst script => script.GetScriptBlock(),
        FunctionDefinitionAst { Parameters: { Count: > 0 } parameters } function => FunctionBlock.Recreate(function, parameters),
        FunctionDefinitionAst function => function.Body.GetScriptBlock(),
        _ => ScriptBlock.Create(ast.Extent.Text),
    };
}
