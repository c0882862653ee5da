using System.Collections.ObjectModel;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>Makes the tasks of an executable: one body for all items, unless something is made of each item.</summary>
internal sealed class ExecutableSource
{
    private readonly string _path;
    private readonly SessionState _session;
    private ExecutableTask? _shared;

    internal ExecutableSource(string path, ExecutableOptions options, SessionState session)
    {
        _path = path;
        Options = options;
        _session = session;
    }

    internal ExecutableOptions Options { get; }

    /// <summary>Arguments, or one block that makes them.</summary>
    internal object?[] Arguments { get; init; } = [];

    /// <summary>What to read, or a block that makes it.</summary>
    internal object? StandardInput { get; init; }

    internal TaskFile? OutputFile { get; init; }

    internal TaskFile? ErrorFile { get; init; }

    private bool IsPerItem => Arguments is [ScriptBlock] || Plain(StandardInput) is ScriptBlock || OutputFile?.IsPerItem == true || ErrorFile?.IsPerItem == true;

    /// <exception cref="RuntimeException">A block has failed for the item.</exception>
    internal IDispatchable Create(object? item) => IsPerItem ? CreateFor(item) : _shared ??= CreateFor(item);

    private ExecutableTask CreateFor(object? item) =>
        new(_path, Arguments is [ScriptBlock block] ? ExecutableArguments.ForItem(block, item) : ExecutableArguments.ToText(Arguments), Options)
        {
            StandardInput = ExecutableInputs.From(Plain(StandardInput) is ScriptBlock input ? Run(input, item) : StandardInput, Options.Encoding),
            OutputFile = OutputFile?.GetPath(_session, item, nameof(OutputFile)),
            ErrorFile = ErrorFile?.GetPath(_session, item, nameof(ErrorFile)),
        };

    private static object? Plain(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;

    private static object? Run(ScriptBlock block, object? item)
    {
        Collection<PSObject> made = ExecutableArguments.Invoke(block, item);
        return made.Count == 1 ? made[0] : made;
    }
}
