using System;
using System.Collections;
using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Text;

namespace Dispatching.PowerShell;

/// <summary>Evaluates the <c>$using:</c> expressions of a block in the session of the caller, when the block is sent.</summary>
internal static class UsingCapture
{
    // These evaluate the $using: of blocks that they are given, when they run.
    private static readonly HashSet<string> s_ownUsing = new(StringComparer.OrdinalIgnoreCase)
    {
        "ForEach-Object", "foreach", "%", "Invoke-Command", "icm", "Start-Job", "sajb", "Start-ThreadJob",
        "Send-DispatchTask", "Invoke-DispatchTask", "New-Dispatcher",
    };

    /// <exception cref="RuntimeException">A variable is not defined.</exception>
    internal static IReadOnlyDictionary<string, object?>? Capture(ScriptBlock block, PSCmdlet caller)
    {
        Dictionary<string, object?>? values = null;
        foreach (UsingExpressionAst expression in block.Ast.FindAll(ast => ast is UsingExpressionAst, searchNestedScriptBlocks: true).Cast<UsingExpressionAst>())
        {
            if (BelongsToInnerCommand(expression, block.Ast))
            {
                continue;
            }

            string key = GetKey(expression);
            values ??= new Dictionary<string, object?>(StringComparer.Ordinal);
            if (!values.ContainsKey(key))
            {
                values.Add(key, CapturedScriptBlock.Carry(Evaluate(expression, caller), "The value of '" + expression.Extent.Text + "'"));
            }
        }

        return values;
    }

    // The engine's own keys, as its PsUtils makes them: the case of variables does not matter, that of expressions does.
    private static string GetKey(UsingExpressionAst expression)
    {
        string text = expression.Extent.Text;
        return Convert.ToBase64String(Encoding.Unicode.GetBytes(
            expression.SubExpression is VariableExpressionAst ? LowerCase(text) : text));
    }

#pragma warning disable CA1308 // The engine compares in lower case.
    private static string LowerCase(string text) => text.ToLowerInvariant();
#pragma warning restore CA1308

    private static object? Evaluate(UsingExpressionAst expression, PSCmdlet caller)
    {
        VariableExpressionAst? variable = FindVariable(expression);
        string name = variable?.VariablePath.UserPath ?? expression.Extent.Text;
        PSVariable? found = variable is null ? null : VariableName.Find(caller, name);
        if (found is null && !HasDrive(variable))
        {
            throw new CallerErrorException(
                new RuntimeException("The value of '" + expression.Extent.Text + "' cannot be taken: there is no variable '$" + name + "' where the block is sent."),
                ErrorIds.UsingVariableIsUndefined,
                ErrorCategory.InvalidArgument,
                expression.Extent.Text);
        }

        if (found is not null && expression.SubExpression is VariableExpressionAst)
        {
            return found.Value;
        }

        // The text without its "using:" is an expression in the caller's scope. The table keeps a list from being unrolled.
        string text = expression.Extent.Text;
        int prefix = text.IndexOf("using:", StringComparison.OrdinalIgnoreCase);
        ScriptBlock code = ScriptBlock.Create("@{ Value = " + text.Remove(prefix, "using:".Length) + " }");
        Collection<PSObject> result = caller.InvokeCommand.InvokeScript(useLocalScope: false, code, input: null);
        return ((Hashtable)result[0].BaseObject)["Value"];
    }

    private static bool HasDrive(VariableExpressionAst? variable) => variable?.VariablePath.IsDriveQualified == true;

    private static VariableExpressionAst? FindVariable(UsingExpressionAst expression) =>
        expression.SubExpression.Find(ast => ast is VariableExpressionAst, searchNestedScriptBlocks: false) as VariableExpressionAst;

    private static bool BelongsToInnerCommand(Ast expression, Ast block)
    {
        for (Ast ast = expression; ast != block && ast.Parent is { } parent; ast = parent)
        {
            // In -Parallel:{ } the parent of the block is the parameter.
            Ast owner = parent is CommandParameterAst { Parent: { } above } ? above : parent;
            if (ast is ScriptBlockExpressionAst && owner is CommandAst command && IsOwner(command))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsOwner(CommandAst command)
    {
        // ThreadJob\Start-ThreadJob is the same command.
        string? name = command.GetCommandName()?.Split('\\').Last();
        if (name is null || !s_ownUsing.Contains(name))
        {
            return false;
        }

        return !IsForEach(name) || command.CommandElements.OfType<CommandParameterAst>().Any(
            parameter => parameter.ParameterName.StartsWith("pa", StringComparison.OrdinalIgnoreCase));
    }

    private static bool IsForEach(string name) =>
        name is "%" || name.StartsWith("foreach", StringComparison.OrdinalIgnoreCase);
}
