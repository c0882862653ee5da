using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using Dispatching.ScriptHost;
using Dispatching.ScriptHost.Commands;

namespace Microsoft.PowerShell.Commands;

[Cmdlet(VerbsCommon.Select, "Object", DefaultParameterSetName = PropertySet)]
public sealed class SelectObjectCommand : PSCmdlet
{
    private const string PropertySet = "Property";
    private const string ExpandSet = "Expand";

    private readonly Queue<PSObject> _held = new();
    private List<PropertyExpression> _properties = [];
    private int _seen;
    private int _written;

    [Parameter(ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; }

    [Parameter(Position = 0, ParameterSetName = PropertySet)]
    public object[] Property { get; set; } = [];

    [Parameter(Mandatory = true, ParameterSetName = ExpandSet)]
    public string? ExpandProperty { get; set; }

    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int First { get; set; }

    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int Last { get; set; }

    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int Skip { get; set; }

    private bool TakesFirst => MyInvocation.BoundParameters.ContainsKey(nameof(First));

    private bool TakesLast => MyInvocation.BoundParameters.ContainsKey(nameof(Last));

    // With -Last alone, what is skipped is at the end.
    private int HeldAtEnd => TakesFirst ? 0 : Skip;

    protected override void BeginProcessing() => _properties = PropertyExpression.Parse(Property);

    protected override void ProcessRecord()
    {
        if (InputObject is null)
        {
            return;
        }

        bool fromStart = TakesFirst || !TakesLast;
        if (fromStart && _seen++ < Skip)
        {
            return;
        }

        if (fromStart && (!TakesFirst || _written < First))
        {
            Write(InputObject);
            _written++;
        }
        else if (TakesLast)
        {
            Hold(InputObject);
        }

        if (TakesFirst && !TakesLast && _written >= First)
        {
            throw EngineInternals.StopUpstream(this);
        }
    }

    protected override void EndProcessing()
    {
        while (_held.Count > HeldAtEnd)
        {
            Write(_held.Dequeue());
        }
    }

    private void Hold(PSObject item)
    {
        _held.Enqueue(item);
        if (_held.Count > Last + HeldAtEnd)
        {
            _held.Dequeue();
        }
    }

    private void Write(PSObject item)
    {
        if (ExpandProperty is not null)
        {
            Expand(item, ExpandProperty);
        }
        else
        {
            WriteObject(_properties.Count == 0 ? item : Selected(item));
        }
    }

    private PSObject Selected(PSObject item)
    {
        PSObject result = new();
        result.TypeNames.Insert(0, "Selected." + item.TypeNames[0]);
        foreach (KeyValuePair<string, object?> value in _properties.SelectMany(property => property.ShownValues(item)))
        {
            if (result.Properties[value.Key] is null)
            {
                result.Properties.Add(new PSNoteProperty(value.Key, value.Value));
            }
        }

        return result;
    }

    private void Expand(PSObject item, string name)
    {
        if (item.Properties[name] is { } property)
        {
            WriteObject(property.Value, enumerateCollection: true);
            return;
        }

        PSArgumentException problem = new($"Property \"{name}\" cannot be found.");
        WriteError(new ErrorRecord(problem, "ExpandPropertyNotFound", ErrorCategory.InvalidArgument, item));
    }
}
