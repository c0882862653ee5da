using System;
using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.Linq;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>Makes the bodies of tasks that run an executable: one for all items, unless a parameter is made of each item.</summary>
internal sealed class ExecutableSource : ITaskBodySource
{
    private readonly string _path;
    private readonly SessionState _session;
    private readonly Lazy<string[]> _arguments;
    private readonly Lazy<ExecutableInput?> _input;
    private readonly OutputPaths _paths;
    private ExecutableTask? _shared;

    internal ExecutableSource(string path, ExecutableOptions options, SessionState session)
    {
        _path = path;
        Options = options;
        _session = session;
        _arguments = new(() => Make("ArgumentList", () => ExecutableArguments.ToArguments(Arguments)));
        _input = new(() => Make("StandardInput", () => ExecutableInputs.From(StandardInput, Options.Encoding)));
        _paths = new OutputPaths(isShared: options.Append);
    }

    internal ExecutableOptions Options { get; }

    /// <summary>Arguments, or one block that makes those of each item.</summary>
    internal object?[] Arguments { get; init; } = [];

    /// <summary>The standard input, or a block that makes that of each item.</summary>
    internal object? StandardInput { get; init; }

    internal TaskFile? OutputFile { get; init; }

    internal TaskFile? ErrorFile { get; init; }

    /// <summary>Whether its files are those of another machine.</summary>
    internal bool IsElsewhere { get; init; }

    private SessionState? Session => IsElsewhere ? null : _session;

    private ScriptBlock? ArgumentBlock => Arguments.Length == 1 ? PlainValue.Of(Arguments[0]) as ScriptBlock : null;

    private ScriptBlock? InputBlock => PlainValue.Of(StandardInput) as ScriptBlock;

    private bool IsPerItem => ArgumentBlock is not null || InputBlock is not null || OutputFile is not null || ErrorFile is not null;

    /// <summary>Makes what is the same for all items, so that its errors come before the first task.</summary>
    /// <exception cref="ItemValueException">A parameter cannot be used for any item.</exception>
    internal void Prepare()
    {
        _ = ArgumentBlock is null ? _arguments.Value : null;
        _ = InputBlock is null ? _input.Value : null;
        foreach ((TaskFile? file, string name) in new[] { (OutputFile, nameof(OutputFile)), (ErrorFile, nameof(ErrorFile)) })
        {
            if (file is { IsPerItem: false })
            {
                _ = file.GetPath(Session, item: null, name);
            }
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ItemValueException">A block has failed for the item, or made what cannot be used.</exception>
    public IDispatchable Create(object? item) => IsPerItem ? CreateFor(item) : _shared ??= CreateFor(item);

    private ExecutableTask CreateFor(object? item)
    {
        IEnumerable<string> arguments = ArgumentBlock is { } block
            ? Make("ArgumentList", () => ExecutableArguments.ToArguments(ItemBlock.Invoke(block, item)), item)
            : _arguments.Value;
        ExecutableInput? input = InputBlock is { } inputBlock
            ? Make("StandardInput", () => ExecutableInputs.From(Unwrap(ItemBlock.Invoke(inputBlock, item)), Options.Encoding), item)
            : _input.Value;
        string? output = OutputFile?.GetPath(Session, item, nameof(OutputFile));
        string? error = ErrorFile?.GetPath(Session, item, nameof(ErrorFile));
        OutputPaths.CheckInput(input?.Path, output, error);
        _paths.Add(output, error, isPerItem: OutputFile?.IsPerItem == true, isErrorPerItem: ErrorFile?.IsPerItem == true);
        return new ExecutableTask(_path, arguments, Options) { StandardInput = input, OutputFile = output, ErrorFile = error };
    }

    private static object? Unwrap(Collection<PSObject> made) => made.Count == 1 ? made[0] : made;

    private static T Make<T>(string parameter, Func<T> make) => Guard(make, e => new ItemValueException(
        "-" + parameter + " cannot be used: " + e.Message, ErrorIds.ArgumentInvalid, e));

    private static T Make<T>(string parameter, Func<T> make, object? item) => Guard(make, e => new ItemValueException(
        "The script block of -" + parameter + " failed for the item '" + (InputText.Of(item) ?? "$null") + "', so its program was not run: " + e.Message, ErrorIds.ArgumentBlockFailed, e));

    /// <summary>Replaces the exception of a call, also one that properties and enumerators of users' objects throw.</summary>
    internal static T Guard<T>(Func<T> make, Func<Exception, Exception> describe)
    {
        try
        {
            return make();
        }
        catch (Exception e) when (e is not (PipelineStoppedException or FlowControlException or ItemValueException))
        {
            throw describe(e);
        }
    }
}
