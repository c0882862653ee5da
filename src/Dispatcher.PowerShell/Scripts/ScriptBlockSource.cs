using System;
using System.Collections;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>Makes the bodies of tasks that run a script block: one for all items.</summary>
internal sealed class ScriptBlockSource : ITaskBodySource
{
    private readonly ScriptBlockTask _body;

    private ScriptBlockSource(ScriptInvocation script) => _body = new ScriptBlockTask(script);

    /// <summary>Takes the block, its arguments and its <c>$using:</c> values from the session of the caller. What cannot be used ends the cmdlet.</summary>
    internal static ScriptBlockSource Create(PSCmdlet caller, Dispatcher? dispatcher, ScriptBlock block, object[]? arguments, Hashtable? parameters, bool hasItem, bool failOnError)
    {
        PSLanguageMode mode = LanguageModes.Strictest(caller.SessionState.LanguageMode, LanguageModes.Of(block));
        if (dispatcher is not null)
        {
            CheckRights(caller, dispatcher, mode);
        }

        try
        {
            return new ScriptBlockSource(new ScriptInvocation(block.Ast, mode)
            {
                Arguments = arguments is { Length: > 0 } ? Array.ConvertAll(arguments, value => CapturedScriptBlock.Carry(value, "An argument")) : null,
                Parameters = parameters is null ? null : CarryAll(caller, parameters),
                HasItem = hasItem,
                FailOnError = failOnError,
                Location = caller.SessionState.Path.CurrentFileSystemLocation.ProviderPath,
                UsingValues = UsingCapture.Capture(block, caller),
            });
        }
        catch (RuntimeException e) when (e is not PipelineStoppedException)
        {
            caller.Terminate(e, ErrorIds.UsingVariableIsUndefined, block);
            throw;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="BoundScriptBlockException">The item is a script block that no worker can re-create.</exception>
    public IDispatchable Create(object? item)
    {
        // Refused here, where the caller sees it, and not by the worker.
        foreach (object? one in PlainValue.Of(item) as object?[] ?? [item])
        {
            _ = CapturedScriptBlock.Carry(one, "The input object");
        }

        return _body;
    }

    private static void CheckRights(PSCmdlet caller, Dispatcher dispatcher, PSLanguageMode mode)
    {
        PSLanguageMode? workers = SessionDispatchers.GetHome(dispatcher)?.LanguageMode;
        if (workers is { } given && !LanguageModes.IsStricter(mode, given))
        {
            return;
        }

        caller.Terminate(
            new InvalidOperationException("This session, or the block, is in " + mode + " mode, and dispatcher '" + dispatcher.Name + "' runs script blocks in " + (workers?.ToString() ?? "no")
                + " mode: the block would gain rights. Create a dispatcher in this session with New-Dispatcher."),
            ErrorIds.LanguageModeMismatch,
            ErrorCategory.PermissionDenied,
            dispatcher);
    }

    private static Hashtable CarryAll(PSCmdlet caller, Hashtable parameters)
    {
        var carried = new Hashtable(parameters.Count, StringComparer.OrdinalIgnoreCase);
        foreach (DictionaryEntry entry in parameters)
        {
            string name = LanguagePrimitives.ConvertTo<string>(entry.Key);
            if (ParameterNames.Find(carried.Keys, name) is { } problem)
            {
                caller.Terminate(new PSArgumentException("-Parameter " + problem), ErrorIds.ParameterNameInvalid, ErrorCategory.InvalidArgument, parameters);
            }

            carried.Add(name, CapturedScriptBlock.Carry(entry.Value, "Parameter '" + name + "'"));
        }

        return carried;
    }
}
