using System;
using System.Management.Automation;
using System.Threading;
using Xunit;

namespace Dispatching.PowerShell.Tests;

public sealed class NewDispatcherTests : IDisposable
{
    private readonly Session _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public void Defaults_are_those_documented()
    {
        dynamic made = _session.One("New-Dispatcher");
        Assert.Matches("^Dispatcher[0-9]+$", (string)made.Name);
        Assert.Equal("Stopped", made.Status.ToString());
        Assert.Equal(1, made.MinWorkers);
        Assert.Equal(Math.Max(5, Environment.ProcessorCount), made.MaxWorkers);
        Assert.Equal(1000, made.QueueSize);
        Assert.Equal("Wait", made.QueueFullMode.ToString());
        Assert.Equal(TimeSpan.FromSeconds(10), made.TaskTimeout);
        Assert.Equal(TimeSpan.FromSeconds(2), made.StopGrace);
        Assert.Equal(TimeSpan.FromSeconds(300), made.ScaleDownInterval);
        Assert.Equal(0, made.WorkerCount);
    }

    [Fact]
    public void Every_parameter_has_its_effect()
    {
        dynamic made = _session.One(
            "New-Dispatcher -Name n -MinWorkers 2 -MaxWorkers 3 -QueueSize 4 -QueueFullMode Reject -TaskTimeout 5 -StopGrace 6 -ScaleDownInterval 7 -HistorySize 1");
        Assert.Equal("n", made.Name);
        Assert.Equal(2, made.MinWorkers);
        Assert.Equal(3, made.MaxWorkers);
        Assert.Equal(4, made.QueueSize);
        Assert.Equal("Reject", made.QueueFullMode.ToString());
        Assert.Equal(TimeSpan.FromSeconds(5), made.TaskTimeout);
        Assert.Equal(TimeSpan.FromSeconds(6), made.StopGrace);
        Assert.Equal(TimeSpan.FromSeconds(7), made.ScaleDownInterval);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(10, 3)]
    public void History_remembers_the_last_ones_that_ended(int size, int remembered)
    {
        _session.StartDispatcher("-HistorySize " + size);
        Assert.Equal(remembered, _session.One("$null = 1..3 | Send-DispatchTask { $_ } | Wait-DispatchTask; @(Get-DispatchTask).Count"));
    }

    [Fact]
    public void Name_is_positional_and_ThrottleLimit_means_MaxWorkers()
    {
        Assert.Equal(["first", "9"], _session.Text("$d = New-Dispatcher first -ThrottleLimit 9; $d.Name; $d.MaxWorkers"));
    }

    [Fact]
    public void MinWorkers_above_the_default_of_MaxWorkers_raises_it()
    {
        Assert.Equal(["500", "500"], _session.Text("$d = New-Dispatcher -MinWorkers 500; $d.MinWorkers; $d.MaxWorkers"));
    }

    [Fact]
    public void MaxWorkers_below_MinWorkers_is_an_error_that_names_both()
    {
        ErrorRecord error = _session.Fail("New-Dispatcher -MinWorkers 4 -MaxWorkers 3");
        Assert.StartsWith("InvalidWorkerCount,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.InvalidArgument, error.CategoryInfo.Category);
        Assert.Contains("MaxWorkers is 3", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("MinWorkers, which is 4", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-MinWorkers -1", "MinWorkers")]
    [InlineData("-MaxWorkers 0", "MaxWorkers")]
    [InlineData("-QueueSize 0", "QueueSize")]
    [InlineData("-HistorySize -1", "HistorySize")]
    [InlineData("-QueueFullMode Drop", "QueueFullMode")]
    [InlineData("-Name ''", "Name")]
    [InlineData("-QueueFullMode 17", "QueueFullMode")]
    public void Values_out_of_range_are_errors_that_name_the_parameter(string parameters, string name)
    {
        ErrorRecord error = _session.Fail("New-Dispatcher " + parameters);
        Assert.Contains("'" + name + "'", error.ToString(), StringComparison.Ordinal);
        Assert.Empty(_session.Run("Get-Dispatcher"));
    }

    [Fact]
    public void A_second_one_of_the_same_name_is_an_error_and_is_not_made()
    {
        ErrorRecord error = _session.Fail("$a = New-Dispatcher same; New-Dispatcher SAME");
        Assert.StartsWith("DispatcherExists,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.ResourceExists, error.CategoryInfo.Category);
        Assert.Equal("SAME", error.TargetObject);
        Assert.Single(_session.Run("Get-Dispatcher"));
    }

    [Fact]
    public void The_name_is_free_again_after_removal()
    {
        Assert.Equal(["same"], _session.Text("$null = New-Dispatcher same; Remove-Dispatcher same; (New-Dispatcher same).Name"));
    }

    [Fact]
    public void Two_sessions_can_use_the_same_name()
    {
        using var other = new Session();
        Assert.Equal(["same"], _session.Text("(New-Dispatcher same).Name"));
        Assert.Equal(["same"], other.Text("(New-Dispatcher same).Name"));
        Assert.Single(other.Run("Get-Dispatcher"));
    }

    [Theory]
    [InlineData("30", 30)]
    [InlineData("1.5", 1.5)]
    [InlineData("0.25", 0.25)]
    [InlineData("([byte]3)", 3)]
    [InlineData("([long]3)", 3)]
    [InlineData("([decimal]2.5)", 2.5)]
    [InlineData("([float]2.5)", 2.5)]
    [InlineData("'30'", 30)]
    [InlineData("' 2.5 '", 2.5)]
    [InlineData("'00:01:30'", 90)]
    [InlineData("'1.00:00:00'", 86400)]
    [InlineData("([timespan]::FromMilliseconds(1500))", 1.5)]
    [InlineData("(New-Object timespan 0, 0, 7)", 7)]
    public void Durations_are_read_as_people_write_them(string text, double seconds)
    {
        string script = text.Contains("New-Object", StringComparison.Ordinal) ? "([timespan]::new(0, 0, 7))" : text;
        dynamic made = _session.One("New-Dispatcher -TaskTimeout " + script + " -StopGrace " + script + " -ScaleDownInterval " + script);
        TimeSpan expected = TimeSpan.FromSeconds(seconds);
        Assert.Equal(expected, made.TaskTimeout);
        Assert.Equal(expected, made.StopGrace);
        Assert.Equal(expected, made.ScaleDownInterval);
    }

    [Fact]
    public void Durations_do_not_follow_the_culture()
    {
        Assert.Equal(
            TimeSpan.FromSeconds(1.5),
            _session.One("[Threading.Thread]::CurrentThread.CurrentCulture = 'de-DE'; (New-Dispatcher -TaskTimeout '1.5').TaskTimeout"));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("'0'")]
    [InlineData("'-1'")]
    [InlineData("Infinite")]
    [InlineData("infinite")]
    [InlineData("([timespan]::Zero)")]
    [InlineData("([Threading.Timeout]::InfiniteTimeSpan)")]
    [InlineData("([Threading.Timeout]::Infinite)")]
    public void Zero_minus_one_and_Infinite_are_no_limit(string text)
    {
        dynamic made = _session.One("New-Dispatcher -TaskTimeout " + text + " -ScaleDownInterval " + text);
        Assert.Equal(Timeout.InfiniteTimeSpan, made.TaskTimeout);
        Assert.Equal(Timeout.InfiniteTimeSpan, made.ScaleDownInterval);
    }

    [Fact]
    public void StopGrace_of_zero_is_zero()
    {
        Assert.Equal(TimeSpan.Zero, _session.One("New-Dispatcher -StopGrace 0").StopGrace);
    }

    [Theory]
    [InlineData("TaskTimeout", "soon")]
    [InlineData("TaskTimeout", "-2")]
    [InlineData("TaskTimeout", "''")]
    [InlineData("TaskTimeout", "'-00:00:01'")]
    [InlineData("TaskTimeout", "$null")]
    [InlineData("TaskTimeout", "(1, 2)")]
    [InlineData("TaskTimeout", "([double]::NaN)")]
    [InlineData("TaskTimeout", "([double]::PositiveInfinity)")]
    [InlineData("TaskTimeout", "1e20")]
    [InlineData("TaskTimeout", "{ 1 }")]
    [InlineData("StopGrace", "-1")]
    [InlineData("StopGrace", "Infinite")]
    [InlineData("StopGrace", "never")]
    [InlineData("ScaleDownInterval", "-3")]
    public void A_bad_duration_is_an_error_that_names_the_parameter_and_says_what_is_right(string parameter, string text)
    {
        ErrorRecord error = _session.Fail("New-Dispatcher -" + parameter + " " + text);
        Assert.Contains("'" + parameter + "'", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("number of seconds", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.InvalidData, error.CategoryInfo.Category);
        Assert.Empty(_session.Run("Get-Dispatcher"));
    }
}
