using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace Dispatching.PowerShell;

/// <summary>
/// What script-block tasks run: the block, and what it is called with. One instance serves all tasks that one cmdlet
/// sends; the item of each is its own (<see cref="DispatchTask.InputObject"/>). Immutable, and bound to no runspace or
/// process: the block is its syntax tree, and blocks among the values are <see cref="CapturedScriptBlock"/>.
/// </summary>
internal sealed class ScriptInvocation
{
    /// <param name="ast">The block: its own tree, or that of the function it comes from.</param>
    /// <param name="languageMode">The rights of the block.</param>
    internal ScriptInvocation(Ast ast, PSLanguageMode languageMode)
    {
        Ast = ast;
        LanguageMode = languageMode;
        TakesPipeline = GetBody(ast) is { } body && (body.ProcessBlock is not null || body.BeginBlock is not null || Uses(body, "input", nested: false));
        HasOnlyStatements = !TakesPipeline
            && ast is ScriptBlockAst { ParamBlock: null, DynamicParamBlock: null, EndBlock.Unnamed: true } script
            && !Uses(script, "MyInvocation", nested: true) && !Uses(script, "PSBoundParameters", nested: true);
    }

    /// <summary>The syntax tree. It has the text of the block, its file and its lines.</summary>
    internal Ast Ast { get; }

    /// <summary>The stricter of the modes of the block and of the session that sends it: a host must not give it more rights.</summary>
    internal PSLanguageMode LanguageMode { get; }

    /// <summary>The cultures of the sender, in which the tasks run.</summary>
    internal CultureInfo Culture { get; init; } = CultureInfo.CurrentCulture;

    internal CultureInfo UICulture { get; init; } = CultureInfo.CurrentUICulture;

    /// <summary>Arguments by position; <see langword="null"/> for none.</summary>
    internal object?[]? Arguments { get; init; }

    /// <summary>Arguments by name; <see langword="null"/> for none.</summary>
    internal Hashtable? Parameters { get; init; }

    /// <summary>Whether the tasks have an input object, so that <c>$_</c> is set.</summary>
    internal bool HasItem { get; init; }

    /// <summary>Whether <c>$ErrorActionPreference</c> is Stop in the block, and any error that it writes is a failure.</summary>
    internal bool FailOnError { get; init; }

    /// <summary>The folder in which the block starts.</summary>
    internal string? Location { get; init; }

    /// <summary>The values of its <c>$using:</c> expressions, by the keys of <see cref="UsingCapture"/>.</summary>
    internal IReadOnlyDictionary<string, object?>? UsingValues { get; init; }

    /// <summary>Whether the block takes its item from the pipeline: it has a process block, or uses <c>$input</c>.</summary>
    internal bool TakesPipeline { get; }

    /// <summary>Whether there is nothing to bind, so that the statements can be called without a command of their own.</summary>
    internal bool IsPlain => HasOnlyStatements && Arguments is null && Parameters is null && !FailOnError;

    internal bool HasOnlyStatements { get; }

    private static ScriptBlockAst? GetBody(Ast ast) => ast as ScriptBlockAst ?? (ast as FunctionDefinitionAst)?.Body;

    private static bool Uses(ScriptBlockAst body, string name, bool nested) => body.Find(
        ast => ast is VariableExpressionAst variable && string.Equals(variable.VariablePath.UserPath, name, StringComparison.OrdinalIgnoreCase),
        searchNestedScriptBlocks: nested) is not null;
}
