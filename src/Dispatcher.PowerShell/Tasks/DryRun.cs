using System.Globalization;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>What -WhatIf does with the tasks of a call: it tells of them, and runs none.</summary>
internal sealed class DryRun : ITaskRun
{
    private readonly Cmdlet _cmdlet;
    private readonly string _where;
    private readonly string? _block;
    private long _count;

    /// <param name="cmdlet">What tells.</param>
    /// <param name="where">Where the tasks would run: "on dispatcher 'd'".</param>
    /// <param name="block">The block that they would run; <see langword="null"/> for an executable.</param>
    internal DryRun(Cmdlet cmdlet, string where, ScriptBlock? block)
    {
        _cmdlet = cmdlet;
        _where = where;
        _block = block?.ToString().Trim();
    }

    /// <inheritdoc/>
    public void Add(DispatchTask task)
    {
        _count++;
        if (task.Body is ExecutableTask executable)
        {
            Tell("Run " + _where + ": " + executable.CommandLine);
        }
    }

    /// <inheritdoc/>
    public void Pump()
    {
        // Nothing is written before the end.
    }

    /// <inheritdoc/>
    public void Complete()
    {
        if (_block is not null)
        {
            Tell(string.Format(CultureInfo.CurrentCulture, _count == 1 ? "Run {0} task {1}: {{ {2} }}" : "Run {0} tasks {1}: {{ {2} }}", _count, _where, _block));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // There is nothing that runs.
    }

    private void Tell(string action) => _cmdlet.ShouldProcess(action, action, "WhatIf");
}
