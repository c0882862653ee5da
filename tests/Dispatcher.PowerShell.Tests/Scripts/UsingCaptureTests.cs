using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Text;
using Xunit;
using Engine = System.Management.Automation.PowerShell;

namespace Dispatching.PowerShell.Tests;

/// <summary>Which $using: expressions of a block are taken along, and under which keys the engine will ask for them.</summary>
public sealed class UsingCaptureTests : IDisposable
{
    private readonly Runspace _runspace;

    public UsingCaptureTests()
    {
        var state = InitialSessionState.CreateDefault2();
        state.Commands.Add(new SessionStateCmdletEntry("Get-UsingCapture", typeof(CaptureCommand), helpFileName: null));
        _runspace = RunspaceFactory.CreateRunspace(state);
        _runspace.Open();
    }

    public void Dispose() => _runspace.Dispose();

    [Theory]
    [InlineData("{ $using:Count }", "$using:count=7")]
    [InlineData("{ $using:COUNT + $using:count }", "$using:count=7")]
    [InlineData("{ $using:table['Key'] }", "$using:table['Key']=value")]
    [InlineData("{ $using:Table['Key'] }", "$using:Table['Key']=value")]
    [InlineData("{ & { $using:count } }", "$using:count=7")]
    [InlineData("{ function f { $using:count }; f }", "$using:count=7")]
    [InlineData("{ \"$using:count\" }", "$using:count=7")]
    public void The_key_is_the_exact_text_and_for_a_plain_variable_in_lower_case(string block, string expected) =>
        Assert.Equal([expected], Capture("$count = 7; $table = @{ Key = 'value' }; Get-UsingCapture " + block));

    [Theory]
    [InlineData("{ 1 | ForEach-Object -Parallel { $using:count } }")]
    [InlineData("{ 1 | % -pa { $using:count } }")]
    [InlineData("{ Invoke-Command { $using:count } }")]
    [InlineData("{ ThreadJob\\Start-ThreadJob { $using:count } }")]
    [InlineData("{ Invoke-DispatchTask { $using:count } }")]
    [InlineData("{ $count }")]
    public void What_an_inner_command_evaluates_itself_is_left_to_it(string block) =>
        Assert.Empty(Capture("Get-UsingCapture " + block));

    [Theory]
    [InlineData("{ 1 | ForEach-Object { $using:count } }")]
    [InlineData("{ 1 | Where-Object { $using:count } }")]
    public void A_block_that_runs_in_the_task_itself_has_its_values_taken_along(string block) =>
        Assert.Equal(["$using:count=7"], Capture("$count = 7; Get-UsingCapture " + block));

    [Fact]
    public void A_list_stays_one_value()
    {
        Assert.Equal(["$using:list=1 2 3"], Capture("$list = 1, 2, 3; Get-UsingCapture { $using:list }"));
        Assert.Equal(["$using:h.List=1 2 3"], Capture("$h = @{ List = 1, 2, 3 }; Get-UsingCapture { $using:h.List }"));
    }

    [Fact]
    public void A_variable_that_is_not_there_is_an_error_that_names_it()
    {
        using var engine = Engine.Create(_runspace);
        engine.AddScript("Get-UsingCapture { $using:missing }").Invoke();
        string message = Assert.Single(engine.Streams.Error).Exception.Message;
        Assert.Contains("'$using:missing'", message, StringComparison.Ordinal);
        Assert.Contains("no variable '$missing'", message, StringComparison.Ordinal);
    }

    private string[] Capture(string script)
    {
        using var engine = Engine.Create(_runspace);
        return [.. engine.AddScript("$OFS = ' '; " + script).Invoke<string>()];
    }

    [Cmdlet(VerbsCommon.Get, "UsingCapture")]
    public sealed class CaptureCommand : PSCmdlet
    {
        [Parameter(Mandatory = true, Position = 0)]
        public ScriptBlock? Block { get; set; }

        protected override void ProcessRecord()
        {
            IReadOnlyDictionary<string, object?>? values = UsingCapture.Capture(Block!, this);
            WriteObject(values is null ? [] : values.Select(entry => Encoding.Unicode.GetString(Convert.FromBase64String(entry.Key)) + "=" + LanguagePrimitives.ConvertTo<string>(entry.Value)).ToArray(), enumerateCollection: true);
        }
    }
}
