using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Reflection;

namespace Dispatching.PowerShell;

/// <summary>Re-creates a block from a function that has its parameters before its body, as in <c>function f($p) { }</c>.</summary>
internal static class FunctionBlock
{
    // The one that the engine defines such a function with. Neither it nor the type of its first parameter is public.
    private static readonly ConstructorInfo? s_constructor = typeof(ScriptBlock)
        .GetConstructors(BindingFlags.Instance | BindingFlags.NonPublic)
        .FirstOrDefault(constructor => constructor.GetParameters() is [var ast, var isFilter]
            && ast.ParameterType.IsAssignableFrom(typeof(FunctionDefinitionAst)) && isFilter.ParameterType == typeof(bool));

    internal static ScriptBlock Recreate(FunctionDefinitionAst function, IEnumerable<ParameterAst> parameters) =>
        s_constructor?.Invoke([function, function.IsFilter]) as ScriptBlock ?? FromText(function, parameters);

    // Keeps its line numbers, but loses the using statements and classes of its file.
    private static ScriptBlock FromText(FunctionDefinitionAst function, IEnumerable<ParameterAst> parameters)
    {
        IScriptExtent body = function.Body.Extent;
        string head = "param(" + string.Join(", ", parameters.Select(parameter => parameter.Extent.Text)) + ")" + (function.IsFilter ? " process {" : string.Empty);
        int linesBefore = Math.Max(0, body.StartLineNumber - 1 - head.Count(c => c == '\n'));
        string text = new string('\n', linesBefore) + head + body.Text.Substring(1, body.Text.Length - 2) + (function.IsFilter ? "}" : string.Empty);
        return Parser.ParseInput(text, body.File, out _, out _).GetScriptBlock();
    }
}
