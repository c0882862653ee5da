using System;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>A function of the caller that each worker re-creates, with its file and its lines.</summary>
internal sealed class WorkerFunction
{
    // They have a meaning in a path of the Function: drive.
    private static readonly char[] s_pathCharacters = [':', '/', '\\'];

    internal WorkerFunction(string name, CapturedScriptBlock block)
    {
        Name = name;
        Block = block;
    }

    internal string Name { get; }

    internal CapturedScriptBlock Block { get; }

    internal static bool IsPossible(string name) => name.IndexOfAny(s_pathCharacters) < 0;

    /// <exception cref="CallerErrorException">It would gain rights, or its name cannot be set.</exception>
    internal static WorkerFunction Create(FunctionInfo function, PSLanguageMode workers)
    {
        if (!IsPossible(function.Name))
        {
            throw new CallerErrorException(
                new PSArgumentException("Function '" + function.Name + "' cannot be brought to the workers by -Function, because of the characters in its name. Give it a name without colon and slashes."),
                ErrorIds.WorkerSettingsInvalid,
                ErrorCategory.InvalidArgument,
                function.Name);
        }

        var block = CapturedScriptBlock.Of(function.ScriptBlock, "Function '" + function.Name + "'");
        block.Check(workers);
        return new WorkerFunction(function.Name, block);
    }

    /// <summary>Defines it in the runspace that is the default of this thread.</summary>
    internal void Define(ProviderIntrinsics provider, PSLanguageMode workers) =>
        provider.Item.Set(["Function:" + Name], Block.Recreate(workers), force: true, literalPath: true);
}
