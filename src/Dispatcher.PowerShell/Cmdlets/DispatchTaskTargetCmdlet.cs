using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>A cmdlet that acts on tasks: by object, id or name, or on all of them.</summary>
public abstract class DispatchTaskTargetCmdlet : DispatcherLookupCmdlet
{
    private protected const string ByName = nameof(ByName);
    private protected const string ById = nameof(ById);
    private protected const string ByObject = nameof(ByObject);

    // Dispatchers that had to remember tasks for the caller, who did not keep them from Send-DispatchTask.
    private readonly HashSet<Dispatcher> _reliedOn = [];

    /// <summary>The tasks themselves.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ByObject)]
    [ValidateNotNull]
    public DispatchTask[]? InputObject { get; set; }

    /// <summary>Ids of tasks. With none of -Id, -Name and -InputObject: all tasks.</summary>
    [Parameter(Position = 0, ParameterSetName = ById)]
    [ValidateNotNullOrEmpty]
    [TaskIdArgument]
    [ArgumentCompleter(typeof(DispatchTaskCompleter))]
    public long[]? Id { get; set; }

    /// <summary>Names of tasks, with wildcards.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByName)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(DispatchTaskCompleter))]
    public string[]? Name { get; set; }

    /// <summary>The dispatcher, or its name. Left out: the one that runs this task, or all of this session.</summary>
    [Parameter(ParameterSetName = ByName)]
    [Parameter(ParameterSetName = ById)]
    [ValidateNotNull]
    [DispatcherArgument]
    [ArgumentCompleter(typeof(DispatcherNameCompleter))]
    public DispatcherReference? Dispatcher { get; set; }

    /// <summary>Whether names of tasks are looked up in one dispatcher only.</summary>
    private protected virtual bool NeedsDispatcher => false;

    private protected IEnumerable<DispatchTask> GetTargets()
    {
        foreach (DispatchTask task in InputObject ?? (Id is not null ? FindById(Id) : FindByName(Name ?? ["*"])))
        {
            task.WasLookedUp |= InputObject is null;
            if (task.WasLookedUp && task.Dispatcher is { } dispatcher)
            {
                _reliedOn.Add(dispatcher);
            }

            yield return task;
        }
    }

    /// <summary>Warns of output that nobody has received, in the dispatchers that had to remember tasks.</summary>
    private protected void WarnOfUnreceived()
    {
        if (InputObject is null && !MyInvocation.ExpectingInput)
        {
            _reliedOn.UnionWith(Dispatcher is null ? SessionDispatchers.GetAll() : [Resolve(Dispatcher)]);
        }

        foreach (Dispatcher dispatcher in _reliedOn)
        {
            CmdletMessages.WarnOfUnreceived(this, dispatcher);
        }
    }

    private IEnumerable<DispatchTask> FindById(long[] ids)
    {
        // Ids are unique in the process, so without -Dispatcher all dispatchers of the session are searched.
        IEnumerable<Dispatcher> dispatchers = Dispatcher is null ? SessionDispatchers.GetAll() : [Resolve(Dispatcher)];
        Dictionary<long, DispatchTask> tasks = dispatchers.SelectMany(one => one.GetTasks()).Where(task => ids.Contains(task.Id)).ToDictionary(task => task.Id);
        foreach (long id in ids)
        {
            if (tasks.TryGetValue(id, out DispatchTask? task))
            {
                yield return task;
            }
            else
            {
                WriteNotFound("with the id " + id.ToString(CultureInfo.InvariantCulture) + ", which -Id asks for", id);
            }
        }
    }

    private IEnumerable<DispatchTask> FindByName(string[] names)
    {
        DispatchTask[] tasks = [.. GetSearched().SelectMany(one => one.GetTasks()).OrderBy(task => task.Id)];
        foreach (string name in names)
        {
            var pattern = new NamePattern(name);
            IReadOnlyList<DispatchTask> found = pattern.Select(tasks, task => task.Name);
            if (found.Count == 0 && !pattern.HasWildcards)
            {
                WriteNotFound("named '" + name + "', which -Name asks for", name, pattern.Advice);
            }

            foreach (DispatchTask task in found)
            {
                yield return task;
            }
        }
    }

    private IReadOnlyList<Dispatcher> GetSearched()
    {
        if (Dispatcher is not null || NeedsDispatcher || Dispatching.Dispatcher.Current is not null)
        {
            return [Resolve(Dispatcher)];
        }

        return SessionDispatchers.GetAll() is { Count: > 0 } all ? all : [GetDefaultDispatcher()];
    }

    private void WriteNotFound(string what, object target, string advice = "") => WriteError(new ErrorRecord(
        new ItemNotFoundException("There is no task " + what + ". A dispatcher remembers those that have not ended, and as many ended ones as its HistorySize says." + advice),
        ErrorIds.TaskNotFound,
        ErrorCategory.ObjectNotFound,
        target));
}
