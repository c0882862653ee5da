using System;
using System.Collections;
using System.Globalization;
using System.Linq;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>
/// Accepts single values of an enumeration. PowerShell by itself reads 'Wait,Reject' as the sum of both, which is a third
/// value, or one of the two.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class EnumValueAttribute : ArgumentTransformationAttribute
{
    private readonly Type _element;

    /// <summary>Creates the attribute.</summary>
    /// <param name="type">The type of the parameter: an enumeration, or an array of it where several values are allowed.</param>
    public EnumValueAttribute(Type type)
    {
        Type = Require.NotNull(type, nameof(type));
        _element = type.GetElementType() ?? type;
    }

    /// <summary>The type of the parameter.</summary>
    public Type Type { get; }

    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object?[] given = PlainValue.Of(inputData) is IEnumerable items and not string ? [.. items.Cast<object?>().Select(PlainValue.Of)] : [PlainValue.Of(inputData)];
        if (Type.IsArray)
        {
            var values = Array.CreateInstance(_element, given.Length);
            for (int i = 0; i < given.Length; i++)
            {
                values.SetValue(Read(given[i]), i);
            }

            return values;
        }

        return given.Length == 1 ? Read(given[0]) : throw Refuse(string.Join(", ", given), "is more than one value");
    }

    private object Read(object? value)
    {
        object? found = value switch
        {
            string text => Find(text.Trim()),
            not null when value.GetType() == _element => value,
            int number => Enum.ToObject(_element, number),
            _ => null,
        };
        return found is not null && Enum.IsDefined(_element, found) ? found : throw Refuse(value ?? "$null", value is string list && list.IndexOfAny([',']) >= 0 ? "is more than one value" : "is no value of it");
    }

    /// <summary>The value of this name, of the only name that begins so, or of this number.</summary>
    private object? Find(string text)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
        {
            return Enum.ToObject(_element, number);
        }

        string[] names = Enum.GetNames(_element);
        string[] begun = Array.FindAll(names, name => text.Length > 0 && name.StartsWith(text, StringComparison.OrdinalIgnoreCase));
        string? found = Array.Find(names, name => string.Equals(name, text, StringComparison.OrdinalIgnoreCase)) ?? (begun.Length == 1 ? begun[0] : null);
        return found is null ? null : Enum.Parse(_element, found);
    }

    private ArgumentTransformationMetadataException Refuse(object value, string why) => new(
        "'" + value + "' " + why + ". Give " + (Type.IsArray ? "one or more of " : "one of ") + string.Join(", ", Enum.GetNames(_element))
        + (Type.IsArray ? ", with commas between them and without quotation marks." : "."));
}
