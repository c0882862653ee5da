using System;
using System.Management.Automation;
using System.Text;

namespace Dispatching.PowerShell;

/// <summary>
/// Reads an encoding as the parameters -Encoding of other cmdlets do: a name that PowerShell knows, a name or the number of
/// a code page, or an <see cref="Encoding"/>. Programs expect no byte order mark: only utf8BOM has one.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class EncodingTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? value = PlainValue.Of(inputData);
        return (value switch
        {
            Encoding encoding => EncodingNames.WithoutMark(encoding),
            int codePage => EncodingNames.Find(codePage),
            string name => EncodingNames.Find(name.Trim()),
            _ => null,
        })
        ?? throw new ArgumentTransformationMetadataException(
            "'" + (value ?? "$null") + "' is not an encoding that is known here. Give one of " + string.Join(", ", EncodingNames.All)
            + ", the name or number of a code page, or a System.Text.Encoding.");
    }
}
