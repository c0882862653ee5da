using System;
using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Reflection;

namespace Dispatching.PowerShell;

/// <summary>
/// Runs a script block that makes something of each item, which it finds in <c>$_</c>, in the session of the caller. Any
/// error is a failure, non-terminating ones included: the result would not be what was meant.
/// </summary>
internal static class ItemBlock
{
    // The outer call merges the errors into the output, and must see them whatever the preference is. ForEach-Object sets
    // $_ in the session state of the block, be it that of a module.
    private const string Call = "if ($ErrorActionPreference -in 'SilentlyContinue', 'Ignore') { $ErrorActionPreference = 'Continue' }; "
        + "& { Microsoft.PowerShell.Core\\ForEach-Object -Process $args[0] -InputObject $args[1] } $args[0] $args[1] 2>&1";

    private const string UsingError = "UsingWithoutInvokeCommand";

    // Tells a merged error from an error record that is output: a property that is not public, and in Windows PowerShell a
    // note.
    private const string MergedNote = "writeErrorStream";
    private static readonly PropertyInfo? s_stream = typeof(PSObject).GetProperty("WriteStream", BindingFlags.Instance | BindingFlags.NonPublic);

    /// <summary>Returns the output of the block for an item.</summary>
    /// <exception cref="RuntimeException">The block has written or thrown an error.</exception>
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
                // The standard error of a native program is no error by itself, and no output.
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
            // Inside a try of the caller it is thrown instead of merged.
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
