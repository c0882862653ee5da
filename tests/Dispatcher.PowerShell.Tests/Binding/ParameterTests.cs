using System;
using System.Linq;
using System.Management.Automation;
using Xunit;

namespace Dispatching.PowerShell.Tests;

/// <summary>How values of parameters are read.</summary>
public sealed class ParameterTests : IDisposable
{
    private readonly Session _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public void Each_value_of_an_enumeration_is_read_for_itself()
    {
        Assert.Equal(
            [
                "Get-DispatchJournal State True", "Get-DispatchTask State True", "Invoke-DispatchTask DependencyMode True",
                "Invoke-DispatchTask FailureAction True", "Invoke-DispatchTask HostFailure True", "Invoke-DispatchTask Isolation True",
                "Invoke-DispatchTask JournalOutput True", "Invoke-DispatchTask LogInput True", "Invoke-DispatchTask RetryBackoff True",
                "New-Dispatcher FailureAction True", "New-Dispatcher HostFailure True", "New-Dispatcher Isolation True", "New-Dispatcher JournalOutput True",
                "New-Dispatcher LogInput True", "New-Dispatcher QueueFullMode True", "Send-DispatchTask DependencyMode True", "Send-DispatchTask RetryBackoff True",
                "Set-Dispatcher FailureAction True",
            ],
            _session.Text("""
                foreach ($command in Get-Command -Module Dispatcher | Sort-Object Name) {
                    foreach ($parameter in $command.Parameters.Values) {
                        $type = $parameter.ParameterType
                        $value = if ($type.IsArray) { $type.GetElementType() } else { $type }
                        if ($value.IsEnum -and $value.Namespace -like 'Dispatching*') {
                            "$($command.Name) $($parameter.Name) $($type -in ($parameter.Attributes | Where-Object { $_.GetType().Name -eq 'EnumValueAttribute' }).Type)"
                        }
                    }
                }
                """).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("New-Dispatcher -QueueFullMode 'wait,reject'", "QueueFullMode", "Wait, Overflow, Reject")]
    [InlineData("New-Dispatcher -QueueFullMode wait, reject", "QueueFullMode", "Wait, Overflow, Reject")]
    [InlineData("New-Dispatcher -QueueFullMode 'Overflow, Reject'", "QueueFullMode", "Wait, Overflow, Reject")]
    [InlineData("New-Dispatcher -QueueFullMode 7", "QueueFullMode", "Wait, Overflow, Reject")]
    [InlineData("New-Dispatcher -QueueFullMode ''", "QueueFullMode", "Wait, Overflow, Reject")]
    [InlineData("New-Dispatcher -QueueFullMode block", "QueueFullMode", "Wait, Overflow, Reject")]
    [InlineData("Get-DispatchTask -State 'Failed,TimedOut'", "State", "without quotation marks")]
    [InlineData("Get-DispatchTask -State Failed, done", "State", "'done'")]
    public void Another_is_an_error_that_lists_them(string script, string parameter, string words)
    {
        ErrorRecord error = _session.Fail("$null = New-Dispatcher d; " + script);
        Assert.StartsWith("ParameterArgumentTransformationError,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("'" + parameter + "'", error.ToString(), StringComparison.Ordinal);
        Assert.Contains(words, error.ToString(), StringComparison.Ordinal);
        Assert.Single(_session.Run("Get-Dispatcher"));
    }

    [Theory]
    [InlineData("reject", "Reject")]
    [InlineData("' Reject '", "Reject")]
    [InlineData("o", "Overflow")]
    [InlineData("1", "Overflow")]
    [InlineData("@('Wait')", "Wait")]
    [InlineData("([Dispatching.QueueFullMode]::Reject)", "Reject")]
    public void One_value_is_read_as_before(string value, string expected) =>
        Assert.Equal([expected], _session.Text("(New-Dispatcher -QueueFullMode " + value + ").QueueFullMode"));

    [Theory]
    [InlineData("'24:00:00'", "1.00:00:00")]
    [InlineData("'48:00'", "2.00:00:00")]
    [InlineData("'23:59:59'", "23:59:59")]
    [InlineData("'0:30'", "00:30:00")]
    [InlineData("'1:2:3'", "01:02:03")]
    [InlineData("'100:00'", "4.04:00:00")]
    [InlineData("'00:00:01.5'", "00:00:01.5000000")]
    [InlineData("'1.23:59'", "1.23:59:00")]
    [InlineData("'1.02:03:04.005'", "1.02:03:04.0050000")]
    [InlineData("1e-9", "00:00:00.0000001")]
    [InlineData("'0.00000001'", "00:00:00.0000001")]
    [InlineData("([decimal]1e-10)", "00:00:00.0000001")]
    [InlineData("'00:00:00.00000001'", "00:00:00.0000001")]
    [InlineData("'00:00'", "-00:00:00.0010000")]
    public void A_duration_is_read_as_a_clock_shows_it_and_however_small(string text, string expected) =>
        Assert.Equal([expected], _session.Text("(New-Dispatcher -TaskTimeout " + text + ").TaskTimeout.ToString()"));

    [Theory]
    [InlineData("1, 5", "(1.5)")]
    [InlineData("'1,5'", "(1.5)")]
    [InlineData("'1.24:00'", "'1.24:00'")]
    [InlineData("'1:2:3:4'", "'1:2:3:4'")]
    [InlineData("'0:60'", "'0:60'")]
    [InlineData("'-1:00'", "'-1:00'")]
    [InlineData("'-00:00:00.001'", "number of seconds")]
    [InlineData("-0.001", "'-0.001'")]
    [InlineData("-1e-9", "number of seconds")]
    [InlineData("'5:'", "'5:'")]
    [InlineData("'999999:00:00'", "36500 days")]
    [InlineData("([double]::NaN)", "'NaN'")]
    public void A_bad_duration_is_told_from_a_good_one(string text, string words)
    {
        ErrorRecord error = _session.Fail("New-Dispatcher -TaskTimeout " + text);
        Assert.Contains("'TaskTimeout'", error.ToString(), StringComparison.Ordinal);
        Assert.Contains(words, error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Send-DispatchTask { } -Dispatcher @{ }", "ParameterArgumentTransformationError", "'Dispatcher'", "Get-Dispatcher")]
    [InlineData("Send-DispatchTask { } -Dispatcher one, two", "ParameterArgumentTransformationError", "'Dispatcher'", "takes one dispatcher")]
    [InlineData("Send-DispatchTask { } -Dispatcher 5", "DispatcherNotFound", "'5'", "-Dispatcher")]
    [InlineData("Send-DispatchTask { } -Dispatcher d*", "DispatcherNotFound", "'d*'", "no wildcards")]
    [InlineData("Send-DispatchTask 'Get-Date'", "ParameterArgumentTransformationError", "'ScriptBlock'", "{ Get-Date }")]
    [InlineData("New-Dispatcher x -InitializationScript 'x'", "ParameterArgumentTransformationError", "'InitializationScript'", "braces")]
    [InlineData("New-Dispatcher x -CleanupScript 'x'", "ParameterArgumentTransformationError", "'CleanupScript'", "braces")]
    [InlineData("Get-DispatchTask nobody", "ParameterArgumentTransformationError", "'Id'", "-Name 'nobody'")]
    [InlineData("Stop-DispatchTask *", "ParameterArgumentTransformationError", "'Id'", "-Name '*'")]
    [InlineData("$h = [hashtable]::new(); $h.a = 1; $h.A = 2; Send-DispatchTask { } -Parameter $h", "ParameterNameInvalid", "-Parameter", "same name")]
    [InlineData("Send-DispatchTask { } -Parameter @{ '' = 1 }", "ParameterNameInvalid", "-Parameter", "empty key")]
    [InlineData("$h = [hashtable]::new(); $h.a = 1; $h.A = 2; New-Dispatcher x -Variable $h", "WorkerSettingsInvalid", "-Variable", "same name")]
    [InlineData("New-Dispatcher x -Variable @{ '' = 1 }", "WorkerSettingsInvalid", "-Variable", "empty key")]
    [InlineData("New-Dispatcher x -Module 'no:such'", "WorkerSettingsInvalid", "-Module 'no:such'", "drive 'no:'")]
    [InlineData("New-Dispatcher x -Module 'no::such'", "WorkerSettingsInvalid", "-Module 'no::such'", "provider 'no::'")]
    [InlineData("New-Dispatcher x -Module 'env:/such'", "WorkerSettingsInvalid", "-Module", "path of the file system")]
    [InlineData("New-Dispatcher x -Module @{ }", "WorkerSettingsInvalid", "-Module", "module objects")]
    public void A_mistake_is_told_with_the_parameter_and_the_remedy(string script, string id, string what, string remedy)
    {
        ErrorRecord error = _session.Fail("$null = New-Dispatcher d; " + script);
        Assert.StartsWith(id + ",", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains(what, error.ToString(), StringComparison.Ordinal);
        Assert.Contains(remedy, error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("Dispatching.PowerShell", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_number_is_the_name_of_a_dispatcher_as_completion_writes_it()
    {
        Assert.Equal(["5"], _session.Text("$null = New-Dispatcher 5; $null = New-Dispatcher 6; (Send-DispatchTask { } -Dispatcher 5).Dispatcher.Name"));
    }
}
