using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using Dispatching.ScriptHost.Commands;

namespace Microsoft.PowerShell.Commands;

[Cmdlet(VerbsDiagnostic.Measure, "Object")]
public sealed class MeasureObjectCommand : PSCmdlet
{
    private readonly List<PSObject> _input = [];

    [Parameter(ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; }

    [Parameter(Position = 0)]
    public string[] Property { get; set; } = [];

    [Parameter]
    public SwitchParameter Sum { get; set; }

    [Parameter]
    public SwitchParameter Average { get; set; }

    [Parameter]
    public SwitchParameter Maximum { get; set; }

    [Parameter]
    public SwitchParameter Minimum { get; set; }

    protected override void ProcessRecord()
    {
        if (InputObject is not null)
        {
            _input.Add(InputObject);
        }
    }

    protected override void EndProcessing()
    {
        if (Property.Length == 0)
        {
            WriteObject(Measure(property: null, [.. _input]));
            return;
        }

        foreach (string name in Property)
        {
            IEnumerable<PSPropertyInfo?> properties = _input.Select(item => item.Properties[name]);
            WriteObject(Measure(name, [.. properties.Where(property => property is not null).Select(property => property?.Value)]));
        }
    }

    private GenericMeasureInfo Measure(string? property, List<object?> values)
    {
        double? sum = Sum || Average ? values.Sum(Number) : null;
        return new GenericMeasureInfo
        {
            Count = values.Count,
            Average = Average && values.Count > 0 ? sum / values.Count : null,
            Sum = Sum ? sum : null,
            Maximum = Maximum ? values.Max(ValueComparer.Instance) : null,
            Minimum = Minimum ? values.Min(ValueComparer.Instance) : null,
            Property = property,
        };
    }

    private static double Number(object? value) =>
        (double)LanguagePrimitives.ConvertTo(value, typeof(double), CultureInfo.InvariantCulture);
}
