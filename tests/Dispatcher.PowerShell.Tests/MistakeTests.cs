using System;
using System.Management.Automation;
using Xunit;

namespace Dispatching.PowerShell.Tests;

/// <summary>An error says which parameter it is about, and what would be right.</summary>
public sealed class MistakeTests
{
    [Theory]
    [InlineData("Send-DispatchTask { 1 }", "SeveralDispatchers", "-Dispatcher")]
    [InlineData("Start-Dispatcher", "SeveralDispatchers", "-Name")]
    [InlineData("Set-Dispatcher -QueueSize 3", "SeveralDispatchers", "-Name")]
    [InlineData("Get-Dispatcher nobody", "DispatcherNotFound", "Get-Dispatcher")]
    [InlineData("Stop-DispatchTask -Dispatcher one", "NoTaskNamed", "-Id")]
    [InlineData("Send-DispatchTask -FilePath no-such-program -Dispatcher one", "ExecutableNotFound", "-FilePath")]
    [InlineData("Send-DispatchTask -FilePath ./no-such-program -Dispatcher one", "ExecutableNotFound", "-FilePath")]
    [InlineData("Send-DispatchTask -FilePath dotnet -OutputFile { } -Dispatcher one", "ArgumentBlockFailed", "-OutputFile")]
    [InlineData("Send-DispatchTask -FilePath dotnet -ErrorFile variable:x -Dispatcher one", "ArgumentBlockFailed", "-ErrorFile")]
    [InlineData("1, 2 | Send-DispatchTask { 1 } -Dispatcher one", "QueueFull", "-QueueSize")]
    [InlineData("Invoke-DispatchTask { 1 } -Dispatcher one", "DispatcherNotRunning", "Start-Dispatcher")]
    [InlineData("Invoke-DispatchTask { 1 } -Dispatcher one -MaxWorkers 2", "WorkerSettingsInvalid", "-MaxWorkers")]
    [InlineData("Invoke-DispatchTask { 1 } -Dispatcher one -MaxWorkers 2 -ResetState", "WorkerSettingsInvalid", "Leave out -MaxWorkers, -ResetState")]
    [InlineData("Invoke-DispatchTask -FilePath dotnet -OutputFile ([IO.Path]::Combine([Diagnostics.Process]::GetCurrentProcess().MainModule.FileName, 'folder', 'file'))", "ExecutableNotStarted", "-OutputFile")]
    [InlineData("Stop-Dispatcher one -Drain -Force", "DrainWithForce", "-Timeout")]
    [InlineData("New-Dispatcher -Function no-such-function", "WorkerSettingsInvalid", "-Function")]
    [InlineData("New-Dispatcher -Variable noSuchVariable", "WorkerSettingsInvalid", "-Variable")]
    [InlineData("New-Dispatcher -Module ./no-such-module", "WorkerSettingsInvalid", "-Module")]
    [InlineData("New-Dispatcher -StopGrace Infinite", "ParameterArgumentTransformationError", "'StopGrace'")]
    [InlineData("Receive-DispatchTask -Timeout soon -Dispatcher one", "ParameterArgumentTransformationError", "'Timeout'")]
    [InlineData("Start-Dispatcher $gone", "DispatcherRemoved", "New-Dispatcher")]
    [InlineData("Set-Dispatcher $gone -QueueSize 3", "DispatcherRemoved", "New-Dispatcher")]
    [InlineData("Send-DispatchTask { 1 } -Dispatcher $gone", "DispatcherRemoved", "New-Dispatcher")]
    [InlineData("Invoke-DispatchTask { 1 } -Dispatcher $gone", "DispatcherRemoved", "New-Dispatcher")]
    public void An_error_says_what_would_be_right(string script, string errorId, string words)
    {
        using var session = new Session();
        session.Run("$null = New-Dispatcher one -QueueSize 1 -QueueFullMode Reject; $null = New-Dispatcher two; $gone = New-Dispatcher gone; Remove-Dispatcher gone");
        ErrorRecord error = session.Fail(script);
        Assert.StartsWith(errorId + ",", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains(words, error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("Object name", error.ToString(), StringComparison.Ordinal);
    }
}
