using System;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>
/// The view of output that has the added property DispatchTask. Strings, numbers and the like are shown without their
/// properties; with this type name they get a table of both. All else is shown as before.
/// </summary>
internal static class TaskOutputView
{
    internal const string TypeName = "Dispatching.TaskOutput";

    internal static void Mark(PSObject output)
    {
        if (IsPlain(output.BaseObject) && !output.TypeNames.Contains(TypeName))
        {
            output.TypeNames.Insert(0, TypeName);
        }
    }

    private static bool IsPlain(object value) => value is string or decimal or DateTime or Enum || value.GetType().IsPrimitive;
}
