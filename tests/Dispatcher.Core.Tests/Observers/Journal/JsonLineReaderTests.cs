using System;
using System.Collections.Generic;
using System.Text;
using CsCheck;
using Xunit;

namespace Dispatching.Tests.Observers;

public sealed class JsonLineReaderTests
{
    [Fact]
    public void It_reads_what_was_written() => Gen.Select(Gen.String, Gen.Long, Gen.Bool, Gen.String).Sample((text, number, flag, last) =>
    {
        var target = new StringBuilder();
        var line = new JsonLine(target);
        line.Add("text", text);
        line.Add("number", number);
        line.Add("flag", flag);
        line.Add("none", (string?)null);
        line.Add("last", last);
        line.End();
        Dictionary<string, string?> values = ReadAll(target.ToString().TrimEnd('\n'))!;
        Assert.Equal([("text", Replace(text)), ("number", FormattableString.Invariant($"{number}")), ("flag", flag ? "true" : "false"), ("none", null), ("last", Replace(last))], [.. Pairs(values)]);
    });

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{\"a\"")]
    [InlineData("{\"a\":")]
    [InlineData("{\"a\":\"b")]
    [InlineData("{\"a\":\"b\\")]
    [InlineData("{\"a\":\"b\\u12\"}")]
    [InlineData("{\"a\":\"b\\q\"}")]
    [InlineData("{\"a\":1")]
    [InlineData("{\"a\":1}}")]
    [InlineData("{\"a\":1} ")]
    [InlineData("[1]")]
    [InlineData("{a:1}")]
    public void Anything_else_is_refused(string text) => Assert.Null(ReadAll(text));

    private static IEnumerable<(string Name, string? Value)> Pairs(Dictionary<string, string?> values)
    {
        foreach (KeyValuePair<string, string?> pair in values)
        {
            yield return (pair.Key, pair.Value);
        }
    }

    private static Dictionary<string, string?>? ReadAll(string text)
    {
        var values = new Dictionary<string, string?>();
        var reader = new JsonLineReader(text);
        while (reader.TryReadName(out string name))
        {
            if (!reader.TryReadValue(out string? value))
            {
                return null;
            }

            values.Add(name, value);
        }

        return reader.IsAtEnd ? values : null;
    }

    /// <summary>Half of a surrogate pair is written as the sign for that.</summary>
    private static string Replace(string text) => Encoding.Unicode.GetString(Encoding.Unicode.GetBytes(text));
}
