using System;
using System.Collections.Generic;
using System.Management.Automation;
using System.Management.Automation.Language;
using Xunit;

namespace Dispatching.PowerShell.Tests;

/// <summary>Values through the engine's serializer, as they go to a worker process.</summary>
public sealed class WireValuesTests
{
    private readonly WireValues _values = new("nonce");

    [Fact]
    public void A_block_arrives_as_a_block_with_its_place()
    {
        Ast block = Parser.ParseInput("\n\n  & { 'it' }", "file.ps1", out _, out _).Find(ast => ast is ScriptBlockExpressionAst, searchNestedScriptBlocks: true);
        ScriptBlock sent = ((ScriptBlockExpressionAst)block).ScriptBlock.GetScriptBlock();
        var arrived = Assert.IsType<CapturedScriptBlock>(_values.Decode(Send(_values.Encode(sent))));
        IScriptExtent place = arrived.Ast.Extent;
        Assert.Equal(("{ 'it' }", "file.ps1", 3, 5), (place.Text, place.File, place.StartLineNumber, place.StartColumnNumber));
    }

    [Fact]
    public void Blocks_in_a_list_arrive_as_blocks()
    {
        object?[] arrived = _values.DecodeAll(Send(_values.EncodeAll([ScriptBlock.Create("1"), "text", null]))) ?? [];
        Assert.Collection(arrived, one => Assert.IsType<CapturedScriptBlock>(one), one => Assert.Equal("text", one), Assert.Null);
    }

    [Fact]
    public void Pairs_keep_keys_that_differ_only_in_case()
    {
        var pairs = new Dictionary<string, object?>(StringComparer.Ordinal) { ["a"] = 1, ["A"] = ScriptBlock.Create("2") };
        Dictionary<string, object?> arrived = _values.DecodePairs(Send(_values.EncodePairs(pairs)), StringComparer.Ordinal)!;
        Assert.Equal(1, arrived["a"]);
        Assert.IsType<CapturedScriptBlock>(arrived["A"]);
    }

    [Fact]
    public void A_list_that_looks_like_the_block_of_another_session_stays_a_list() =>
        Assert.IsNotType<CapturedScriptBlock>(new WireValues("other").Decode(Send(_values.Encode(ScriptBlock.Create("1")))));

    private static object? Send(object? value) => PSSerializer.Deserialize(PSSerializer.Serialize(value, 5));
}
