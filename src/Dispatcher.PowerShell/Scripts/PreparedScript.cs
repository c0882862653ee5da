using System.Collections.Generic;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>A script that sets workers up or cleans them up, with the values of its <c>$using:</c> expressions.</summary>
internal sealed class PreparedScript
{
    internal PreparedScript(ScriptBlock block, string what, PSCmdlet caller)
    {
        Block = CapturedScriptBlock.Of(block, what);
        UsingValues = UsingCapture.Capture(block, caller);
    }

    internal PreparedScript(CapturedScriptBlock block, IReadOnlyDictionary<string, object?>? usingValues)
    {
        Block = block;
        UsingValues = usingValues;
    }

    internal CapturedScriptBlock Block { get; }

    internal IReadOnlyDictionary<string, object?>? UsingValues { get; }
}
