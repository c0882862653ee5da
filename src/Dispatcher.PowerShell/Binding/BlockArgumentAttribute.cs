using System;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>Reads a script block. Text is not made one, and who gives text is told what to write.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class BlockArgumentAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        PlainValue.Of(inputData) is string text
            ? throw new ArgumentTransformationMetadataException("'" + text + "' is text, and no script block. Put code in braces, { Get-Date }; make a block of text with [scriptblock]::Create(); run a program with -FilePath.")
            : inputData;
}
