using System;
using System.Management.Automation;
using Xunit;

namespace Dispatching.PowerShell.Tests;

/// <summary>An error says which parameter it is about, and what would be right.</summary>
public sealed class ErrorTests
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
    [InlineData("Send-DispatchTask -FilePath dotnet -ErrorFile variable:x -Dispatcher one", "PathInvalid", "-ErrorFile")]
    [InlineData("1, 2 | Send-DispatchTask { 1 } -Dispatcher one", "QueueFull", "-QueueSize")]
    [InlineData("Invoke-DispatchTask { 1 } -Dispatcher one", "DispatcherNotRunning", "Start-Dispatcher")]
    [InlineData("Invoke-DispatchTask { 1 } -Dispatcher one -MaxWorkers 2", "WorkerSettingsInvalid", "-MaxWorkers")]
    [InlineData("Invoke-DispatchTask { 1 } -Dispatcher one -MaxWorkers 2 -ResetState", "WorkerSettingsInvalid", "Leave out -MaxWorkers, -ResetState")]
    [InlineData("Invoke-DispatchTask -FilePath dotnet -OutputFile ([IO.Path]::Combine([Diagnostics.Process]::GetCurrentProcess().MainModule.FileName, 'folder', 'file'))", "ExecutableNotStarted", "-OutputFile")]
    [InlineData("Stop-Dispatcher one -Drain -Force", "DrainWithForce", "-Timeout")]
    [InlineData("Receive-DispatchTask -Timeout 1 -Dispatcher one", "ParameterHasNoEffect", "-Wait")]
    [InlineData("Receive-DispatchTask -Timeout 1 -Wait:$false -Dispatcher one", "ParameterHasNoEffect", "-Timeout")]
    [InlineData("Receive-DispatchTask -Ordered -Dispatcher one", "ParameterHasNoEffect", "-Wait")]
    [InlineData("Set-Dispatcher one", "NothingToSet", "-MaxWorkers")]
    [InlineData("Set-Dispatcher one -PassThru", "NothingToSet", "-QueueSize")]
    [InlineData("Send-DispatchTask { 1 } -RetryDelay 1 -Dispatcher one", "ParameterHasNoEffect", "-Retry ")]
    [InlineData("Invoke-DispatchTask { 1 } -RetryDelay 1", "ParameterHasNoEffect", "-Retry ")]
    [InlineData("Invoke-DispatchTask -FilePath dotnet -Module x", "ParameterHasNoEffect", "Leave out -Module,")]
    [InlineData("Invoke-DispatchTask -FilePath dotnet -Module x", "ParameterHasNoEffect", "-Module sets up ")]
    [InlineData("Invoke-DispatchTask -FilePath dotnet -MaxTasksPerWorker 3", "ParameterHasNoEffect", "Leave out -MaxTasksPerWorker,")]
    [InlineData("Invoke-DispatchTask -FilePath dotnet -Variable x", "ParameterHasNoEffect", "Leave out -Variable,")]
    [InlineData("Invoke-DispatchTask -FilePath dotnet -Function x", "ParameterHasNoEffect", "Leave out -Function,")]
    [InlineData("Invoke-DispatchTask -FilePath dotnet -InitializationScript { }", "ParameterHasNoEffect", "Leave out -InitializationScript,")]
    [InlineData("Invoke-DispatchTask -FilePath dotnet -CleanupScript { }", "ParameterHasNoEffect", "Leave out -CleanupScript,")]
    [InlineData("Invoke-DispatchTask -FilePath dotnet -ResetState -CleanupScript { }", "ParameterHasNoEffect", "Leave out -CleanupScript, -ResetState,")]
    [InlineData("Invoke-DispatchTask { 1 } -LogInput Text", "ParameterHasNoEffect", "-LogPath")]
    [InlineData("New-Dispatcher -LogInput None", "ParameterHasNoEffect", "-LogPath")]
    [InlineData("Invoke-DispatchTask { 1 } -Dispatcher one -LogInput None", "WorkerSettingsInvalid", "-LogInput")]
    [InlineData("New-Dispatcher -LogPath ([IO.Path]::Combine([Diagnostics.Process]::GetCurrentProcess().MainModule.FileName, 'folder', 'file'))", "LogPathInvalid", "is a file, not a folder")]
    [InlineData("New-Dispatcher -LogPath ([IO.Path]::GetTempPath())", "LogPathInvalid", "is a folder, not a file")]
    [InlineData("New-Dispatcher -Function no-such-function", "CommandNotFoundException", "-Function")]
    [InlineData("New-Dispatcher -Variable noSuchVariable", "VariableNotFound", "-Variable")]
    [InlineData("New-Dispatcher -Module ./no-such-module", "Modules_ModuleNotFound", "-Module")]
    [InlineData("New-Dispatcher -Variable env:PATH", "WorkerSettingsInvalid", "hashtable")]
    [InlineData("New-Dispatcher -Variable script:", "WorkerSettingsInvalid", "hashtable")]
    [InlineData("New-Dispatcher -Variable @{ '' = 1 }", "WorkerSettingsInvalid", "hashtable")]
    [InlineData("New-Dispatcher -Variable @{ 'env:x' = 1 }", "WorkerSettingsInvalid", "hashtable")]
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
