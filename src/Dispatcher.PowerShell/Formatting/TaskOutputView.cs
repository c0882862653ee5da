using System;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>
/// How output is shown that has been given the property DispatchTask. Text, numbers and the like have no place to show a
/// property; by this type name they get a table of both. Whatever has properties of its own is shown as ever.
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
