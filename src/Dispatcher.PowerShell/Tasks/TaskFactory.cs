using System;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>Makes the tasks of a cmdlet, one for each item, and writes what cannot be made as its errors.</summary>
internal sealed class TaskFactory
{
    private readonly Cmdlet _cmdlet;
    private readonly ITaskBodySource _bodies;
    private readonly TaskOptions _options;
    private readonly ItemText? _name;
    private readonly ItemText? _group;
    private readonly TaskKeys? _keys;

    /// <param name="cmdlet">Where the errors go.</param>
    /// <param name="bodies">Makes what the tasks run.</param>
    /// <param name="options">What the tasks have in common.</param>
    /// <param name="name">The name that -Name gives; it counts where it is made of each item.</param>
    /// <param name="group">The group that -Group gives, likewise.</param>
    /// <param name="keys">Makes the keys of the tasks; <see langword="null"/> where there is no journal.</param>
    internal TaskFactory(Cmdlet cmdlet, ITaskBodySource bodies, TaskOptions options, ItemText? name, ItemText? group, TaskKeys? keys)
    {
        _keys = keys;
        _cmdlet = cmdlet;
        _bodies = bodies;
        _options = options;
        _name = name is { Text: null } ? name : null;
        _group = group is { Text: null } ? group : null;
    }

    /// <summary>Makes the task of an item; <see langword="null"/>, and an error, if that is not possible.</summary>
    internal PSDispatchTask? Create(object? item)
    {
        try
        {
            return new PSDispatchTask(_bodies.Create(item), GetOptions(item), item);
        }
        catch (ItemValueException e)
        {
            var error = new ErrorRecord(e, e.ErrorId, ErrorCategory.InvalidArgument, item);
            if (e.ErrorId is ErrorIds.FileForSeveralItems or ErrorIds.KeyRequired)
            {
                // No later item can do without it either.
                _cmdlet.ThrowTerminatingError(error);
            }

            _cmdlet.WriteError(error);
            return null;
        }
        catch (RuntimeException e) when (e is not PipelineStoppedException)
        {
            _cmdlet.WriteError(new ErrorRecord(e, e is BoundScriptBlockException ? ErrorIds.ScriptBlockIsBound : ErrorIds.ArgumentBlockFailed, ErrorCategory.InvalidArgument, item));
            return null;
        }
    }

    private TaskOptions GetOptions(object? item) => _name is null && _group is null && _keys is null
        ? _options
        : _options.With(_name?.For(item, "Name"), _group?.For(item, "Group"), _keys?.For(item));
}
