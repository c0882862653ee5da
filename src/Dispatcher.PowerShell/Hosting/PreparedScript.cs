using System.Collections.Generic;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace Dispatching.PowerShell;

/// <summary>A script block of the caller, with the values of its <c>$using:</c>.</summary>
internal sealed class PreparedScript
{
    internal PreparedScript(ScriptBlock block, PSCmdlet caller)
    {
        Ast = block.Ast;
        UsingValues = UsingCapture.Capture(block, caller);
    }

    internal Ast Ast { get; }

    internal IReadOnlyDictionary<string, object?>? UsingValues { get; }
}
