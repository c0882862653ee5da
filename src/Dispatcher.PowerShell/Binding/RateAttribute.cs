using System;
using System.Globalization;
using System.Management.Automation;
using System.Text.RegularExpressions;

namespace Dispatching.PowerShell;

/// <summary>Reads a rate as people write it: a number of starts per second, or text such as 50/s, 100/min, 5/2s.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class RateAttribute : ArgumentTransformationAttribute
{
    private static readonly Regex s_form = new(
        @"^\s*(?<count>\d+)\s*/\s*(?<number>\d+(\.\d+)?)?\s*(?<unit>ms|s|secs?|seconds?|m|mins?|minutes?|h|hours?|d|days?)\s*$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        TimeSpan.FromSeconds(1));

    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? value = PlainValue.Of(inputData);
        try
        {
            return value switch
            {
                null => null,
                Rate rate => rate,
                string text => Parse(text) ?? throw Refuse(value),
                sbyte or byte or short or ushort or int or uint or long or ulong or float or double or decimal =>
                    FromNumber(Convert.ToDouble(value, CultureInfo.InvariantCulture)) ?? throw Refuse(value),
                _ => throw Refuse(value),
            };
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw new ArgumentTransformationMetadataException(e.Message, e);
        }
    }

    private static Rate? Parse(string text)
    {
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number))
        {
            return FromNumber(number);
        }

        Match match = s_form.Match(text);
        if (!match.Success || !int.TryParse(match.Groups["count"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out int count))
        {
            return null;
        }

        double length = match.Groups["number"].Success ? double.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture) : 1;
        double seconds = length * GetSeconds(match.Groups["unit"].Value);
        return count is < 1 or > Rate.MaxCount || seconds is <= 0 || seconds > Durations.Longest.TotalSeconds ? null : new Rate(count, TimeSpan.FromTicks((long)(seconds * TimeSpan.TicksPerSecond)));
    }

    /// <summary>A number is starts per second. Below 1 it is one start in the time that this takes.</summary>
    private static Rate? FromNumber(double number) => number switch
    {
        > 0 and < 1 when 1 / number <= Durations.Longest.TotalSeconds => new Rate(1, TimeSpan.FromTicks((long)Math.Ceiling(TimeSpan.TicksPerSecond / number))),
        >= 1 and <= Rate.MaxCount when number == Math.Floor(number) => new Rate((int)number, TimeSpan.FromSeconds(1)),
        _ => null,
    };

    private static double GetSeconds(string unit) => string.Equals(unit, "ms", StringComparison.OrdinalIgnoreCase) ? 0.001 : char.ToUpperInvariant(unit[0]) switch
    {
        'M' => 60,
        'H' => 3600,
        'D' => 86400,
        _ => 1,
    };

    private static ArgumentTransformationMetadataException Refuse(object? value) => new(string.Format(
        CultureInfo.InvariantCulture,
        "'{0}' is not a rate. Give a whole number of starts per second (50), a fraction below 1 (0.5 is one start in 2 seconds), or text: a number, a slash and a time, such as '50/s', '100/min', '1000/h' or '5/2s'. To set no rate, give $null.",
        value ?? "$null"));
}
