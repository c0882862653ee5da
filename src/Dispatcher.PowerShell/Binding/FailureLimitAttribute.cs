using System;
using System.Globalization;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>Reads how many failures are too many: a number, or a percentage such as '10%'.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class FailureLimitAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? value = PlainValue.Of(inputData);
        return value switch
        {
            null => null,
            FailureLimit limit => limit,
            string text when text.TrimEnd() is [.., '%'] => FromPercentage(text),
            _ when WholeNumber.TryRead(value, out int count) && count >= 1 => FailureLimit.OfCount(count),
            _ => throw Refuse(value),
        };
    }

    private static FailureLimit FromPercentage(string text) =>
        double.TryParse(text.Trim().TrimEnd('%'), NumberStyles.Float, CultureInfo.InvariantCulture, out double percentage) && percentage is > 0 and <= 100
            ? FailureLimit.OfPercentage(percentage)
            : throw Refuse(text);

    private static ArgumentTransformationMetadataException Refuse(object value) => new(
        "'" + value + "' is not a number of failures. Give a whole number of at least 1, or a percentage of more than 0 and at most 100, such as '10%' (it counts once " + FailureLimit.LeastEnded + " tasks have ended). To set no limit, give $null.");
}
