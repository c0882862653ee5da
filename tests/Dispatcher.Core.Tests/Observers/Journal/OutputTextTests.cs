using System;
using System.Collections.Generic;
using System.Text;
using CsCheck;
using Xunit;

namespace Dispatching.Tests.Observers;

public sealed class OutputTextTests
{
    private static readonly Gen<object?> s_value = Gen.OneOf(
        Gen.String.Select(text => (object?)text),
        Gen.Int.Select(number => (object?)number),
        Gen.Long.Select(number => (object?)number),
        Gen.Double.Select(number => (object?)number),
        Gen.Bool.Select(flag => flag ? (object?)true : null));

    [Fact]
    public void Plain_values_come_back_as_they_were() => s_value.List[0, 20].Sample(values =>
    {
        var text = new StringBuilder();
        List<object?> kept = values.FindAll(value => OutputText.TryAppend(text, value));
        Assert.Equal(kept, OutputText.Read(text.ToString(), _ => throw new InvalidOperationException()));
    });

    [Theory]
    [InlineData("")]
    [InlineData("line\nend\r\n\0\t\"quoted\" \\ </script> ]]>")]
    [InlineData("5:s3:abc")]
    [InlineData("\uD83D\uDE00 Zoë \u2028")]
    public void So_does_text_of_any_kind(string value)
    {
        var text = new StringBuilder();
        Assert.True(OutputText.TryAppend(text, value));
        Assert.Equal([value], OutputText.Read(text.ToString(), _ => []));
    }

    [Fact]
    public void Half_a_surrogate_pair_is_left_to_the_serializer()
    {
        foreach (string value in new[] { "\uD83D", "a\uDE00b", "\uD83D\uD83D" })
        {
            Assert.False(OutputText.TryAppend(new StringBuilder(), value));
        }
    }

    [Theory]
    [InlineData("s5:abc")]
    [InlineData("s")]
    [InlineData("s:abc")]
    [InlineData("s99999999999:a")]
    [InlineData("q1:a")]
    [InlineData("i1:a")]
    public void What_is_no_such_text_is_refused(string text) => Assert.Throws<FormatException>(() => OutputText.Read(text, _ => []));
}
