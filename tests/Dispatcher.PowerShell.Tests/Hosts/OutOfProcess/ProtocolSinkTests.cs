using System;
using System.Collections.Generic;
using System.Text;
using Xunit;

namespace Dispatching.PowerShell.Tests;

/// <summary>What of a stream is protocol, however it is cut into pieces.</summary>
public sealed class ProtocolSinkTests
{
    private const string Data = "<Data Stream='Default' PSGuid='0'>AAAA</Data>";
    private const string Acknowledgement = "<DataAck PSGuid='0' />";

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1000)]
    public void Elements_are_found_among_what_others_write(int pieceSize)
    {
        string text = "stray\n" + Data + "\r\n\n<Data of='others'>\nno line end" + Acknowledgement + "\n" + Data + "stray\n<html>" + Acknowledgement + Data + "\n";
        Assert.Equal([Data, Acknowledgement, Data, Acknowledgement, Data], Read(text, pieceSize, out string? damage));
        Assert.Null(damage);
    }

    [Theory]
    [InlineData("<Data Stream='Default' PSGuid='0'>AAstray\n")]
    [InlineData("<CloseAck PSGuid='stray\n")]
    public void An_element_without_an_end_is_told_and_nothing_passed_on_after_it(string cut)
    {
        Assert.Equal([Data], Read(Data + "\n" + cut + "AA</Data>\n" + Data + "\n", 1000, out string? damage));
        Assert.Equal("wrote something else into a message of the session", damage);
    }

    [Fact]
    public void Of_much_on_standard_error_the_first_and_the_last_lines_are_kept()
    {
        var tail = new ErrorTail();
        for (int i = 0; i < 10_000; i++)
        {
            byte[] line = Encoding.UTF8.GetBytes("line " + i + " ü\n");
            tail.Write(line, line.Length);
        }

        string text = tail.ToString();
        Assert.StartsWith("line 0 ü\nline 1 ü\n", text, StringComparison.Ordinal);
        Assert.Contains("\n...\nline ", text, StringComparison.Ordinal);
        Assert.EndsWith("\nline 9998 ü\nline 9999 ü", text, StringComparison.Ordinal);
        Assert.InRange(text.Length, 2000, 4200);
        Assert.Equal(5, tail.Summarize().Split('\n').Length);
    }

    private static List<string> Read(string text, int pieceSize, out string? damage)
    {
        var elements = new List<string>();
        string? told = null;
        var sink = new ProtocolSink(elements.Add, how => told = how, () => { });
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        for (int start = 0; start < bytes.Length; start += pieceSize)
        {
            byte[] piece = bytes[start..Math.Min(bytes.Length, start + pieceSize)];
            sink.Write(piece, piece.Length);
        }

        sink.Complete();
        damage = told;
        return elements;
    }
}
