using System;
using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Reflection;

namespace Dispatching.PowerShell;

/// <summary>
/// A script block that makes something of each item, which it finds in <c>$_</c>, in the session of the caller. Any error
/// of it counts, non-terminating ones included: what it has made then is not what was meant.
/// </summary>
internal static class ItemBlock
{
    // The outer call merges the errors into the output; ForEach-Object sets $_ in the session state that the block belongs
    // to, whichever that is. A preference to hide errors must not hide these.
    private const string Call = "if ($ErrorActionPreference -in 'SilentlyContinue', 'Ignore') { $ErrorActionPreference = 'Continue' }; "
        + "& { Microsoft.PowerShell.Core\\ForEach-Object -Process $args[0] -InputObject $args[1] } $args[0] $args[1] 2>&1";

    private const string UsingError = "UsingWithoutInvokeCommand";

    // How the engine marks what was merged: a property of its own, and in Windows PowerShell a note. It has no public way
    // to tell an error from an error record that is output.
    private const string MergedNote = "writeErrorStream";
    private static readonly PropertyInfo? s_stream = typeof(PSObject).GetProperty("WriteStream", BindingFlags.Instance | BindingFlags.NonPublic);

    /// <summary>Returns what the block makes of an item.</summary>
    /// <exception cref="RuntimeException">It has failed.</exception>
    internal static Collection<PSObject> Invoke(ScriptBlock block, object? item)
    {
        Collection<PSObject> made = Run(block, item);
        for (int i = made.Count - 1; i >= 0; i--)
        {
            if (made[i]?.BaseObject is not ErrorRecord record)
            {
                continue;
            }

            if (IsMerged(made[i]))
            {
                throw new RuntimeException(Describe(record), record.Exception, record);
            }

            if (record.FullyQualifiedErrorId.StartsWith("NativeCommandError", StringComparison.Ordinal))
            {
                // What a native program writes to its standard error is no error by itself, and nothing that was made.
                made.RemoveAt(i);
            }
        }

        return made;
    }

    private static Collection<PSObject> Run(ScriptBlock block, object? item)
    {
        try
        {
            return ScriptBlock.Create(Call).InvokeWithContext(functionsToDefine: null, new List<PSVariable>(), block, item);
        }
        catch (RuntimeException e) when (IsUsingError(e.ErrorRecord))
        {
            // Inside a try of the caller it is thrown, and not merged.
            throw new RuntimeException(Describe(e.ErrorRecord), e);
        }
    }

    private static bool IsUsingError(ErrorRecord record) => record.FullyQualifiedErrorId.StartsWith(UsingError, StringComparison.Ordinal);

    private static string Describe(ErrorRecord record) => IsUsingError(record)
        ? "it runs in this session and not in a worker, and has its variables without $using:. In '" + record.InvocationInfo?.Line.Trim() + "', leave out 'using:'."
        : record.ToString();

    private static bool IsMerged(PSObject one) => s_stream is null
        ? one.Properties[MergedNote] is not null
        : string.Equals(s_stream.GetValue(one)?.ToString(), "Error", StringComparison.Ordinal);
}
