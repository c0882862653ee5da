using System;
using System.Collections;
using System.Globalization;
using System.Linq;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>Accepts ids of tasks. The first argument of the task cmdlets is an id; the error of a name there points to -Name.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class TaskIdArgumentAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? value = PlainValue.Of(inputData);
        foreach (object? one in value is IEnumerable items and not string ? items : new[] { value })
        {
            object? plain = PlainValue.Of(one);
            if (plain is string text && !long.TryParse(text.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _))
            {
                throw new ArgumentTransformationMetadataException("'" + text + "' is no id of a task: ids are numbers. To find tasks by their names, give -Name '" + text + "'.");
            }
        }

        return inputData;
    }
}
