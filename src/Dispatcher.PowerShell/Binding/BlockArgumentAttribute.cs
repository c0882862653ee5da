using System;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>Accepts a script block. Text is not converted to one: its error tells what to write instead.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class BlockArgumentAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        PlainValue.Of(inputData) is string text
            ? throw new ArgumentTransformationMetadataException("'" + text + "' is text, and no script block. Put code in braces, { Get-Date }; make a block of text with [scriptblock]::Create(); run a program with -FilePath.")
            : inputData;
}
