using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace Dispatching.PowerShell;

/// <summary>A script block as the body of tasks: one instance for all that one cmdlet sends.</summary>
internal sealed class ScriptBlockTask : IHostedDispatchable
{
    internal ScriptBlockTask(ScriptBlock block, object?[]? arguments, Hashtable? parameters, bool hasItem, string? location, IReadOnlyDictionary<string, object?>? usingValues)
    {
        Ast = block.Ast;
        Arguments = arguments;
        Parameters = parameters;
        HasItem = hasItem;
        Location = location;
        UsingValues = usingValues;
        TakesPipeline = GetBody(Ast) is { } body && (body.ProcessBlock is not null || body.BeginBlock is not null || UsesInput(body));
        IsPlain = !TakesPipeline && arguments is null && parameters is null
            && Ast is ScriptBlockAst { ParamBlock: null, DynamicParamBlock: null, EndBlock.Unnamed: true } script
            && !Uses(script, "MyInvocation", nested: true) && !Uses(script, "PSBoundParameters", nested: true);
    }

    internal Ast Ast { get; }

    /// <summary>The cultures of the sender, in which the tasks run.</summary>
    internal CultureInfo Culture { get; } = CultureInfo.CurrentCulture;

    internal CultureInfo UICulture { get; } = CultureInfo.CurrentUICulture;

    internal object?[]? Arguments { get; }

    /// <summary>Arguments by name.</summary>
    internal Hashtable? Parameters { get; }

    /// <summary>Whether the tasks have an input object, so that <c>$_</c> is set.</summary>
    internal bool HasItem { get; }

    /// <summary>The folder in which the block starts.</summary>
    internal string? Location { get; }

    internal IReadOnlyDictionary<string, object?>? UsingValues { get; }

    /// <summary>Whether the block takes its item from the pipeline: it has a process block, or uses <c>$input</c>.</summary>
    internal bool TakesPipeline { get; }

    /// <summary>Whether the block is nothing but statements, and there is nothing to bind.</summary>
    internal bool IsPlain { get; }

    /// <inheritdoc/>
    public void Execute(TaskContext context)
    {
        if (context.Host is not RunspaceHost host)
        {
            throw new InvalidOperationException("A script block runs on a dispatcher that was made by New-Dispatcher.");
        }

        host.Execute(this, context);
    }

    /// <summary>
    /// Makes the block anew for the runspace that runs it. The original would run back in the session it was written in,
    /// on a thread that is not its own.
    /// </summary>
    internal static ScriptBlock Recreate(Ast ast) => ast switch
    {
        ScriptBlockAst script => script.GetScriptBlock(),
        FunctionDefinitionAst { Parameters: { Count: > 0 } parameters } function => FunctionBlock.Recreate(function, parameters),
        FunctionDefinitionAst function => function.Body.GetScriptBlock(),
        _ => ScriptBlock.Create(ast.Extent.Text),
    };

    /// <summary>The block called exit: 0 is a way to end, anything else a failure.</summary>
    internal static void OnExit(ExitException exit, TaskContext context)
    {
        int code = LanguagePrimitives.TryConvertTo(exit.Argument, CultureInfo.InvariantCulture, out int number) ? number : 1;
        context.SetExitCode(code);
        if (code != 0)
        {
            throw new ScriptExitException(code);
        }
    }

    private static ScriptBlockAst? GetBody(Ast ast) => ast as ScriptBlockAst ?? (ast as FunctionDefinitionAst)?.Body;

    private static bool UsesInput(ScriptBlockAst body) => Uses(body, "input");

    private static bool Uses(ScriptBlockAst body, string name, bool nested = false) => body.Find(
        ast => ast is VariableExpressionAst variable && string.Equals(variable.VariablePath.UserPath, name, StringComparison.OrdinalIgnoreCase),
        searchNestedScriptBlocks: nested) is not null;
}
