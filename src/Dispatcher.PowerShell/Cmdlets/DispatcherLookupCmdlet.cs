using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>A cmdlet that finds the dispatchers of this session: by name, by object, or the only one.</summary>
public abstract class DispatcherLookupCmdlet : DispatcherCmdlet
{
    /// <summary>The parameter that says which dispatcher is meant.</summary>
    private protected virtual string SelectedBy => "Dispatcher";

    /// <summary>The dispatcher of a parameter; the default one where it was left out. One that is not there ends the cmdlet.</summary>
    internal Dispatcher Resolve(DispatcherReference? reference)
    {
        if (reference is null)
        {
            return GetDefaultDispatcher();
        }

        string name = reference.Name ?? string.Empty;
        Dispatcher? found = reference.Dispatcher ?? SessionDispatchers.GetAll().FirstOrDefault(one => SessionDispatchers.IsNamed(one, name));
        if (found is null)
        {
            ThrowTerminatingError(NotFound("Dispatcher", name, WildcardPattern.ContainsWildcardCharacters(name) ? " -Dispatcher takes one, and no wildcards." : string.Empty));
        }

        return found!; // Not found has ended the cmdlet.
    }

    /// <summary>The dispatcher that the caller means by leaving it out: the one that runs this task, or the only one of this session.</summary>
    private protected Dispatcher GetDefaultDispatcher()
    {
        bool isElsewhere = Dispatcher.Current is { } inside && SessionDispatchers.GetHome(inside)?.IsAgent == true;
        if (!isElsewhere && Dispatcher.Current is { } current)
        {
            return current;
        }

        IReadOnlyList<Dispatcher> all = SessionDispatchers.GetAll();
        if (all.Count == 0)
        {
            this.Terminate(
                new InvalidOperationException(isElsewhere
                    ? "This task runs in another process, where its dispatcher is not. Create one here with New-Dispatcher, or use Invoke-DispatchTask, which has one of its own."
                    : "There is no dispatcher in this session. Create one with New-Dispatcher first."),
                ErrorIds.NoDispatcher,
                ErrorCategory.ObjectNotFound,
                target: null);
        }

        if (all.Count > 1)
        {
            this.Terminate(
                new InvalidOperationException("There are " + all.Count + " dispatchers in this session (" + string.Join(", ", all.Select(one => one.Name)) + "). Say which one is meant, with -" + SelectedBy + "."),
                ErrorIds.SeveralDispatchers,
                ErrorCategory.InvalidArgument,
                target: null);
        }

        return all[0];
    }

    /// <summary>Finds dispatchers by names and wildcards. A name that is not there is an error; a wildcard may match none.</summary>
    private protected IEnumerable<Dispatcher> Find(IEnumerable<string> names)
    {
        foreach (string name in names)
        {
            var pattern = new NamePattern(name);
            IReadOnlyList<Dispatcher> found = pattern.Select(SessionDispatchers.GetAll(), one => one.Name);
            if (found.Count == 0 && !pattern.HasWildcards)
            {
                WriteError(NotFound("Name", name, pattern.Advice));
            }

            foreach (Dispatcher dispatcher in found)
            {
                yield return dispatcher;
            }
        }
    }

    private static ErrorRecord NotFound(string parameter, string name, string advice) => new(
        new ItemNotFoundException("There is no dispatcher named '" + name + "' in this session, which -" + parameter + " asks for. Get-Dispatcher lists those that there are." + advice),
        ErrorIds.DispatcherNotFound,
        ErrorCategory.ObjectNotFound,
        name);
}
