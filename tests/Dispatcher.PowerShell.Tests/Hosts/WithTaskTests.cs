using System;
using System.Linq;
using Xunit;

namespace Dispatching.PowerShell.Tests;

/// <summary>-WithTask names the task of each object, and of that one alone.</summary>
public sealed class WithTaskTests : IDisposable
{
    private readonly Session _session = new();

    public void Dispose() => _session.Dispose();

    public static TheoryData<string> Values => new(
        "$_ % 2 -eq 0", "$true", "5", "'constant'", "[string]::Empty", "[datetime]::MinValue", "[DayOfWeek]::Monday", "$using:shared", "$using:custom", "$using:table", "($using:noted)", "@(, $using:list)", "[scriptblock]", "$using:record");

    [Theory]
    [MemberData(nameof(Values))]
    public void Each_object_names_its_own_task(string value)
    {
        Assert.Equal(["1", "2", "3", "4"], _session.Text(Shared + "1..4 | Invoke-DispatchTask { " + value + " } -WithTask -Ordered | Select-Object -ExpandProperty DispatchTask | ForEach-Object InputObject"));
        Assert.Equal(["1", "2", "3", "4"], _session.Text(Shared + "$o = @(1..4 | Invoke-DispatchTask { " + value + " } -WithTask -Ordered); $o.DispatchTask.InputObject"));
    }

    [Theory]
    [MemberData(nameof(Values))]
    public void So_it_is_through_a_job_and_for_tasks_that_are_received(string value)
    {
        Assert.Equal(["1", "2", "3", "4"], _session.Text(Shared + "$j = 1..4 | Invoke-DispatchTask { " + value + " } -WithTask -Ordered -AsJob; $o = @($j | Receive-Job -Wait); $o.DispatchTask.InputObject"));
        _session.StartDispatcher();
        Assert.Equal(
            ["1", "2", "3", "4", "1", "2", "3", "4"],
            _session.Text(Shared + "$t = 1..4 | Send-DispatchTask { " + value + " }; $o = @($t | Receive-DispatchTask -Wait -Ordered -Keep -WithTask) + @($t | Receive-DispatchTask -Wait -Ordered -WithTask); $o.DispatchTask.InputObject"));
    }

    [Theory]
    [InlineData("@{ a = 1 }")]
    [InlineData("[pscustomobject] @{ a = 1 }")]
    [InlineData("'text'")]
    [InlineData("(Get-Item $PSHOME)")]
    [InlineData("[Collections.Generic.List[int]]::new()")]
    [InlineData("$true")]
    [InlineData("5")]
    public void The_item_of_the_caller_is_left_as_it_was(string item)
    {
        Assert.Equal(
            ["<>", "True"],
            _session.Text("$item = " + item + "; $o = ,$item | Invoke-DispatchTask { , $_ } -WithTask; \"<$($item.PSObject.Properties['DispatchTask'])>\"; $o.PSObject.BaseObject.Equals($item.PSObject.BaseObject) -or $o.a -eq 1"));
    }

    [Fact]
    public void What_was_added_to_an_object_goes_with_it()
    {
        Assert.Equal(
            ["True", "note", "8", "Mine", "Type.Mine", "FileInfo", "custom"],
            _session.Text("""
                $item = Get-Item $args[0]
                $item | Add-Member -NotePropertyName Note -NotePropertyValue note
                $item | Add-Member -MemberType ScriptProperty -Name Computed -Value { 8 }
                $item | Add-Member -MemberType ScriptMethod -Name Method -Value { 'Mine' }
                $item.PSObject.TypeNames.Insert(0, 'Type.Mine')
                $o = $item | Invoke-DispatchTask { $_ } -WithTask
                $null -ne $o.PSPath; $o.Note; $o.Computed; $o.Method(); $o.PSObject.TypeNames[0]; $o.GetType().Name
                $c = [pscustomobject] @{ PSTypeName = 'custom'; a = 1 } | Invoke-DispatchTask { $_ } -WithTask
                $c.PSObject.TypeNames[0]
                """, typeof(Session).Assembly.Location));
    }

    [Theory]
    [InlineData("throw $using:record")]
    [InlineData("& { [CmdletBinding()] param($r) $PSCmdlet.WriteError($r) } $using:record")]
    [InlineData("throw $using:record.Exception")]
    public void One_error_of_several_tasks_names_each(string body)
    {
        Assert.Equal(
            ["1", "2", "3"],
            _session.Text(Shared + "1..3 | Invoke-DispatchTask { " + body + " } -Ordered -ErrorVariable e -ErrorAction SilentlyContinue; @($e.DispatchTask.InputObject)"));
        foreach (string how in new[] { "Receive-DispatchTask -Wait -Keep -ErrorAction Stop", "Receive-DispatchTask -Keep -ErrorAction Stop" })
        {
            _session.Run("Get-Dispatcher | Remove-Dispatcher -Force");
            _session.StartDispatcher();
            Assert.Equal(
                ["1", "2", "3"],
                _session.Text(Shared + "$t = @(1..3 | Send-DispatchTask { " + body + " } | Wait-DispatchTask); foreach ($one in $t) { try { $one | " + how + " } catch { $_.Exception.Data['DispatchTask'].InputObject } }"));
            Assert.Equal(["1", "2", "3"], _session.Text("$t | ForEach-Object { $_.Error[0].DispatchTask.InputObject }"));
        }
    }

    private const string Shared = """
        $shared = [object]::new(); $custom = [pscustomobject] @{ a = 1 }; $table = @{ a = 1 }; $list = [Collections.ArrayList]::new()
        $noted = Add-Member -InputObject ([version] '1.2') -NotePropertyName Note -NotePropertyValue 1 -PassThru
        $record = [Management.Automation.ErrorRecord]::new([InvalidOperationException]::new('shared'), 'Shared', 'DeviceError', 'target')

        """;
}
