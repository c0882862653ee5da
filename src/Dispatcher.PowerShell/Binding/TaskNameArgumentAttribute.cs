using System;
using System.Collections;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>Accepts a name of tasks: a script block that makes one for each item, or anything that has a text.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class TaskNameArgumentAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? value = PlainValue.Of(inputData);
        switch (value)
        {
            case TaskName name:
                return name;
            case ScriptBlock block:
                return new TaskName(block);
            case null or "":
                throw new ArgumentTransformationMetadataException("It needs a name, or a script block that makes the name of each item ({ $_.Name }); leave it out for \"Task\" and the id.");
            case IEnumerable and not string:
                throw new ArgumentTransformationMetadataException("It takes one name for all tasks, and not several. For a name of each item, give a script block: { $_.Name }.");
            default:
                return new TaskName(LanguagePrimitives.ConvertTo<string>(inputData));
        }
    }
}
