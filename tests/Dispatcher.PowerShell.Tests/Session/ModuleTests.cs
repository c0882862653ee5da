using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Reflection;
using System.Runtime.Versioning;
using Xunit;

namespace Dispatching.PowerShell.Tests;

public sealed class ModuleTests
{
    [Fact]
    public void The_build_meant_is_the_one_loaded()
    {
        using var session = new Session();
        Assembly cmdlets = ((Type)session.One("(Get-Command New-Dispatcher).ImplementingType")).Assembly;
        Assembly core = ((Type)session.One("(New-Dispatcher).GetType()")).Assembly;
        string expected = StagedModule.Build == "net8.0" ? ".NETCoreApp,Version=v8.0" : ".NETStandard,Version=v2.0";
        foreach (Assembly assembly in new[] { cmdlets, core })
        {
            Assert.Equal(expected, assembly.GetCustomAttribute<TargetFrameworkAttribute>()?.FrameworkName);
            Assert.Equal(StagedModule.Assemblies, System.IO.Path.GetDirectoryName(assembly.Location));
        }
    }

    [Fact]
    public void Nothing_but_the_cmdlets_is_exported()
    {
        using var session = new Session();
        Assert.Equal(
            [
                "Get-Dispatcher", "Get-DispatchJournal", "Get-DispatchTask", "Invoke-DispatchTask", "New-Dispatcher", "Receive-DispatchTask", "Remove-Dispatcher", "Remove-DispatchJournalEntry", "Resume-Dispatcher",
                "Send-DispatchTask", "Set-Dispatcher", "Start-Dispatcher", "Stop-Dispatcher", "Stop-DispatchTask", "Suspend-Dispatcher", "Wait-DispatchTask",
            ],
            session.Text("(Get-Module Dispatcher).ExportedCommands.Keys").Order(StringComparer.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("Get-Dispatcher", "Name")]
    [InlineData("Get-DispatchJournal", "Key,Path,State")]
    [InlineData("Remove-DispatchJournalEntry", "Confirm,Key,Occurrence,Path,WhatIf")]
    [InlineData("Get-DispatchTask", "Dispatcher,Id,InputObject,Name,State")]
    [InlineData("Invoke-DispatchTask", "Append,ArgumentList,AsByteStream,AsJob,BatchSize,CleanupScript,Confirm,Delay,DependencyMode,DependsOn,Dispatcher,Encoding,Environment,ErrorFile,ErrorStream,FailOnError,FailureAction,FilePath,Function,Group,GroupLimit,HostFailure,HostName,InitializationScript,InputObject,Isolation,JournalOutput,JournalOutputLimit,JournalPath,KeepChildren,Key,KeyFilePath,LogInput,LogPath,MaxFailures,MaxTasksPerWorker,MaxWorkers,Module,Name,NotBefore,Ordered,OutputFile,Parameter,PingInterval,Port,Prefetch,Priority,QueueSize,RateLimit,Raw,ResetState,Retry,RetryBackoff,RetryDelay,RetryJitter,RetryMaxDelay,RetryOn,SSHOption,ScriptBlock,Serial,Session,StandardInput,StopGrace,Subsystem,SuccessExitCode,Timeout,TotalTimeout,UserName,Variable,WhatIf,WithTask,WorkersPerHost,WorkingDirectory")]
    [InlineData("New-Dispatcher", "CleanupScript,FailOnError,FailureAction,Function,GroupLimit,HistorySize,HostFailure,HostName,InitializationScript,Isolation,JournalOutput,JournalOutputLimit,JournalPath,KeyFilePath,LogInput,LogPath,MaxFailures,MaxTasksPerWorker,MaxWorkers,MinWorkers,Module,Name,PingInterval,Port,Prefetch,QueueFullMode,QueueSize,RateLimit,ResetState,SSHOption,ScaleDownInterval,Session,StopGrace,Subsystem,TaskTimeout,UserName,Variable,WorkersPerHost")]
    [InlineData("Receive-DispatchTask", "Dispatcher,Id,InputObject,Keep,Name,Ordered,Timeout,Wait,WithTask")]
    [InlineData("Remove-Dispatcher", "Confirm,Force,InputObject,Name,WhatIf")]
    [InlineData("Send-DispatchTask", "Append,ArgumentList,AsByteStream,AsJob,BatchSize,Confirm,Delay,DependencyMode,DependsOn,Dispatcher,Encoding,Environment,ErrorFile,ErrorStream,FailOnError,FilePath,Group,HostName,InputObject,KeepChildren,Key,Name,NotBefore,OutputFile,Parameter,Priority,Raw,Retry,RetryBackoff,RetryDelay,RetryJitter,RetryMaxDelay,RetryOn,ScriptBlock,StandardInput,SuccessExitCode,Timeout,WhatIf,WorkingDirectory")]
    [InlineData("Set-Dispatcher", "Confirm,FailOnError,FailureAction,GroupLimit,HostName,InputObject,MaxFailures,MaxWorkers,MinWorkers,Name,PassThru,QueueSize,RateLimit,ScaleDownInterval,Session,StopGrace,TaskTimeout,WhatIf")]
    [InlineData("Start-Dispatcher", "InputObject,Name,PassThru")]
    [InlineData("Suspend-Dispatcher", "InputObject,Name,PassThru")]
    [InlineData("Resume-Dispatcher", "InputObject,Name,PassThru")]
    [InlineData("Stop-Dispatcher", "Confirm,Drain,Force,InputObject,Name,PassThru,Timeout,WhatIf")]
    [InlineData("Stop-DispatchTask", "Confirm,Dispatcher,Id,InputObject,Name,PassThru,WhatIf")]
    [InlineData("Wait-DispatchTask", "Any,Dispatcher,Id,InputObject,Name,Timeout")]
    public void Parameters_are_these_and_no_others(string cmdlet, string parameters)
    {
        using var session = new Session();
        ICollection<string> own = ((CommandInfo)session.One("Get-Command " + cmdlet)).Parameters.Keys;
        Assert.Equal(parameters.Split(','), own.Except(Cmdlet.CommonParameters).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("Set-Dispatcher", true)]
    [InlineData("Stop-Dispatcher", true)]
    [InlineData("Remove-Dispatcher", true)]
    [InlineData("Stop-DispatchTask", true)]
    [InlineData("Send-DispatchTask", true)]
    [InlineData("Invoke-DispatchTask", true)]
    [InlineData("Remove-DispatchJournalEntry", true)]
    [InlineData("Start-Dispatcher", false)]
    public void Confirmation_is_for_what_takes_something_away(string cmdlet, bool expected)
    {
        using var session = new Session();
        var type = (Type)session.One("(Get-Command " + cmdlet + ").ImplementingType");
        CmdletAttribute attribute = type.GetCustomAttribute<CmdletAttribute>()!; // Every cmdlet has one.
        Assert.Equal(expected, attribute.SupportsShouldProcess);
        Assert.Equal(expected ? ConfirmImpact.Medium : ConfirmImpact.None, attribute.ConfirmImpact);
    }

    [Theory]
    [InlineData("Get-Dispatcher", "Dispatching.Dispatcher")]
    [InlineData("Get-DispatchTask", "Dispatching.PowerShell.PSDispatchTask")]
    [InlineData("New-Dispatcher", "Dispatching.Dispatcher")]
    [InlineData("Send-DispatchTask { 1 }", "Dispatching.PowerShell.PSDispatchTask")]
    [InlineData("Send-DispatchTask { 1 } -AsJob", "Dispatching.PowerShell.DispatchJob")]
    [InlineData("Invoke-DispatchTask { 1 } -AsJob", "Dispatching.PowerShell.DispatchJob")]
    [InlineData("Set-Dispatcher d -QueueSize 7 -PassThru", "Dispatching.Dispatcher")]
    [InlineData("Start-Dispatcher d -PassThru", "Dispatching.Dispatcher")]
    [InlineData("Stop-Dispatcher d -PassThru", "Dispatching.Dispatcher")]
    [InlineData("Stop-DispatchTask 't' -PassThru", "Dispatching.PowerShell.PSDispatchTask")]
    [InlineData("Wait-DispatchTask -Timeout 60", "Dispatching.PowerShell.PSDispatchTask")]
    public void Output_is_of_the_type_that_the_cmdlet_declares(string command, string expected)
    {
        using var session = new Session();
        session.StartDispatcher();
        session.Run("$t = Send-DispatchTask { 1 } -Name t");
        string script = command.Replace("Stop-DispatchTask 't'", "Stop-DispatchTask -Name t", StringComparison.Ordinal)
            .Replace("New-Dispatcher", "New-Dispatcher other", StringComparison.Ordinal);
        Assert.Equal(expected, Assert.Single(session.Run(script))?.GetType().FullName);
        Assert.Contains(expected, session.Text("(Get-Command " + command.Split(' ')[0] + ").OutputType.Name"));
    }

    [Theory]
    [InlineData("Set-Dispatcher d -QueueSize 7")]
    [InlineData("Start-Dispatcher d")]
    [InlineData("Stop-Dispatcher d")]
    [InlineData("Stop-Dispatcher d -Drain")]
    [InlineData("Stop-Dispatcher d -Force")]
    [InlineData("Stop-DispatchTask -Name t")]
    [InlineData("Remove-Dispatcher d -Force")]
    public void Silent_without_PassThru(string command)
    {
        using var session = new Session();
        session.StartDispatcher();
        session.Run("$t = Send-DispatchTask { 1 } -Name t");
        Invocation invocation = session.Invoke(command);
        Assert.Empty(invocation.Output);
        Assert.Empty(invocation.Errors);
        Assert.Empty(invocation.Streams.Warning);
        Assert.Empty(invocation.Streams.Information);
    }
}
