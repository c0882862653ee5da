using System;
using System.Collections;
using System.Linq;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>Accepts a dispatcher or its name. A number is a name too: completion writes the name 5 without quotation marks.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class DispatcherArgumentAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? value = PlainValue.Of(inputData);
        if (value is IList list)
        {
            value = list.Count == 1
                ? PlainValue.Of(list[0])
                : throw new ArgumentTransformationMetadataException("It takes one dispatcher, and got " + list.Count + ": " + string.Join(", ", list.Cast<object?>().Take(5)) + ". Give one, or use ForEach-Object for each of them.");
        }

        return value switch
        {
            DispatcherReference reference => reference,
            Dispatcher dispatcher => new DispatcherReference(dispatcher),
            string { Length: > 0 } name => new DispatcherReference(name),
            ValueType and IFormattable number => new DispatcherReference(LanguagePrimitives.ConvertTo<string>(number)),
            _ => throw new ArgumentTransformationMetadataException(
                (value is null ? "$null" : value is string ? "An empty text" : "'" + value + "', a " + value.GetType().Name + ",")
                + " is no dispatcher. Give a dispatcher, or its name; Get-Dispatcher lists those that there are."),
        };
    }
}
