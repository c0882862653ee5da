using System;
using System.Linq;
using Xunit;

namespace Dispatching.Tests.Tasks;

public sealed class TaskOutputTests
{
    private TaskOutput _output;

    [Fact]
    public void Records_are_taken_once_in_order()
    {
        Write(1, 2, 3);
        Assert.Equal([1, 2, 3], _output.Copy(0, finalError: null).Select(record => record.Value));
        Assert.Equal([3], _output.Copy(2, finalError: null).Select(record => record.Value));
        Assert.Empty(_output.Copy(3, finalError: null));
        Assert.Equal([1, 2, 3], _output.Take(finalError: null).Select(record => record.Value));
        Assert.False(_output.HasRecords);
        Assert.Empty(_output.Take(finalError: null));
    }

    [Fact]
    public void The_first_record_after_all_were_taken_is_told_of()
    {
        Assert.Equal([true, false], Write(1, 2));
        _output.Take(finalError: null);
        Assert.Equal([true, false], Write(3, 4));
        _output.WriteSilently(new TaskRecord(RecordKind.Warning, "again"));
        Assert.Equal([true, false], Write(5, 6));
    }

    [Fact]
    public void A_great_number_of_records_is_large_once()
    {
        for (int i = 0; i < TaskOutput.LargeCount; i++)
        {
            Write(i);
        }

        Assert.False(_output.TrySetLarge());
        Write(0);
        Assert.True(_output.TrySetLarge());
        Assert.False(_output.TrySetLarge());
    }

    [Fact]
    public void Text_and_bytes_are_counted_together()
    {
        string half = new('x', TaskOutput.LargeText / 2);
        _output.Write(new TaskRecord(RecordKind.Output, half), out _);
        Assert.False(_output.TrySetLarge());
        _output.Write(new TaskRecord(RecordKind.Output, new byte[(TaskOutput.LargeText / 2) - 1]), out _);
        Assert.False(_output.TrySetLarge());
        Write("y");
        Assert.True(_output.TrySetLarge());
    }

    [Fact]
    public void Only_what_nobody_has_looked_at_can_be_forgotten()
    {
        Assert.False(_output.TrySetForgotten(period: 4));
        _output.Write(new TaskRecord(RecordKind.Progress, 1), out _);
        Assert.False(_output.TrySetForgotten(period: 4));
        Write(1);
        Assert.True(_output.TrySetForgotten(period: 4));
        Assert.Equal(4, _output.SetReceived());
        Assert.Equal(0, _output.SetReceived());
        Assert.False(_output.TrySetForgotten(period: 5));
    }

    [Fact]
    public void An_error_is_noted_also_after_it_was_taken()
    {
        Assert.False(_output.HadErrors);
        _output.WriteFinalError(new InvalidOperationException("no"));
        _output.Take(finalError: null);
        Assert.True(_output.HadErrors);
    }

    private bool[] Write(params object[] values) => [.. values.Select(value =>
    {
        _output.Write(new TaskRecord(RecordKind.Output, value), out bool isFirst);
        return isFirst;
    })];
}
