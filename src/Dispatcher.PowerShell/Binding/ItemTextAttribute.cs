using System;
using System.Collections;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>Accepts a text for tasks: a script block that makes that of each item, or anything that has a text.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ItemTextAttribute : ArgumentTransformationAttribute
{
    /// <summary>Creates the attribute.</summary>
    /// <param name="what">What the text is: "name", for errors.</param>
    public ItemTextAttribute(string what) => What = what;

    /// <summary>What the text is.</summary>
    public string What { get; }

    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? value = PlainValue.Of(inputData);
        switch (value)
        {
            case ItemText text:
                return text;
            case ScriptBlock block:
                return new ItemText(block);
            case null or "":
                throw new ArgumentTransformationMetadataException("It needs a " + What + ", or a script block that makes the " + What + " of each item ({ $_.Name }); leave it out for the default.");
            case IEnumerable and not string:
                throw new ArgumentTransformationMetadataException("It takes one " + What + " for all tasks, and not several. For a " + What + " of each item, give a script block: { $_.Name }.");
            default:
                return new ItemText(LanguagePrimitives.ConvertTo<string>(inputData));
        }
    }
}
