using System;
using System.IO;
using System.Management.Automation;
using Xunit;

namespace Dispatching.PowerShell.Tests;

/// <summary>What cannot be meant, and what a block fails to make, is an error; the program does not run with something else.</summary>
public sealed class ExecutableErrorTests : IDisposable
{
    private readonly Session _session = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("dispatcher mistakes ").FullName;

    public ExecutableErrorTests()
    {
        _session.StartDispatcher("-MaxWorkers 2 -StopGrace 0.2");
        _session["folder"] = _folder;
        _session.Run("function Write-Problem { [CmdletBinding()] param() Write-Error 'a problem' }");
    }

    public void Dispose()
    {
        _session.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [UnixTheory]
    [InlineData("-ArgumentList { 'a'; Write-Error 'a problem' }", "-ArgumentList")]
    [InlineData("-ArgumentList { 'a', (Write-Error 'a problem').Length }", "-ArgumentList")]
    [InlineData("-ArgumentList { Write-Problem; 'a' }", "-ArgumentList")]
    [InlineData("-ArgumentList { throw 'a problem' }", "-ArgumentList")]
    [InlineData("-ArgumentList { [void] (1 / 0); 'a problem' }", "-ArgumentList")]
    [InlineData("-ArgumentList { [void] [int]::Parse('a problem') }", "-ArgumentList")]
    [InlineData("-StandardInput { 'a'; Write-Error 'a problem' }", "-StandardInput")]
    [InlineData("-OutputFile { \"$folder/a\"; Write-Error 'a problem' }", "-OutputFile")]
    [InlineData("-ErrorFile { Write-Error 'a problem'; \"$folder/a\" }", "-ErrorFile")]
    [InlineData("-OutputFile { \"$folder/a\"; \"$folder/b\" }", "-OutputFile")]
    [InlineData("-ArgumentList { @{ a = 1 } }", "-ArgumentList")]
    [InlineData("-ArgumentList { 'a', @(@{ a = 1 }) }", "-ArgumentList")]
    [InlineData("-ArgumentList { 'a', @(1, @(2)) }", "-ArgumentList")]
    [InlineData("-ArgumentList { 'a', $using:folder }", "leave out 'using:'")]
    [InlineData("-StandardInput { $using:folder }", "leave out 'using:'")]
    [InlineData("-ArgumentList { \"a`0b\" }", "-ArgumentList")]
    [InlineData("-OutputFile { \"$folder/a`0b\" }", "-OutputFile")]
    [InlineData("-OutputFile { 'nodrive:/x' }", "-OutputFile")]
    public void Any_error_of_a_block_is_the_error_of_its_item_which_is_not_run(string parameters, string name)
    {
        ErrorRecord error = _session.Fail("'the item' | Send-DispatchTask -FilePath cat " + parameters);
        Assert.StartsWith("ArgumentBlockFailed,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.InvalidArgument, error.CategoryInfo.Category);
        Assert.Contains(name, error.ToString(), StringComparison.Ordinal);
        Assert.Contains("'the item'", error.ToString(), StringComparison.Ordinal);
        Assert.Equal("the item", error.TargetObject.ToString());
        Assert.Equal(["0"], _session.Text("$d.Statistics.Sent"));
    }

    [UnixTheory]
    [InlineData("-OutputFile $file", "-OutputFile")]
    [InlineData("-ErrorFile { $file.FullName }", "-ErrorFile")]
    [InlineData("-OutputFile { $file.FullName } -Append", "-OutputFile")]
    public void A_file_is_not_both_input_and_output_of_a_program(string parameters, string name)
    {
        string file = Path.Combine(_folder, "both");
        File.WriteAllText(file, "kept");
        _session["file"] = new FileInfo(file);
        ErrorRecord error = _session.Fail("'the item' | Send-DispatchTask -FilePath cat -StandardInput { $file } " + parameters);
        Assert.StartsWith("FileInUse,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains(name, error.ToString(), StringComparison.Ordinal);
        Assert.Equal(["0"], _session.Text("$d.Statistics.Sent"));
        Assert.Equal("kept", File.ReadAllText(file));
    }

    [UnixFact]
    public void Using_in_a_block_is_explained_inside_a_try_as_well() => Assert.Contains(
        "leave out 'using:'",
        _session.Text("try { 1 | Invoke-DispatchTask -FilePath echo -ArgumentList { $using:folder } -ErrorAction Stop } catch { \"$_\" }")[0],
        StringComparison.Ordinal);

    [UnixFact]
    public void A_session_that_hides_errors_does_not_hide_that_a_block_has_failed()
    {
        _session.Run("$ErrorActionPreference = 'SilentlyContinue'");
        Assert.Equal(["2"], _session.Text("1, 2 | Invoke-DispatchTask -FilePath echo -ArgumentList { if ($_ -eq 1) { Write-Error 'a problem' }; $_ }"));
    }

    [UnixTheory]
    [InlineData("try { Write-Error 'a problem' -ErrorAction Stop } catch { 'caught' }", "caught")]
    [InlineData("Write-Error 'a problem' -ErrorAction SilentlyContinue; 'went on'", "went on")]
    [InlineData("Write-Error 'a problem' 2>$null; 'went on'", "went on")]
    [InlineData("& sh -c 'echo log >&2; echo out'", "out")]
    public void An_error_that_the_block_has_dealt_with_is_none(string block, string expected)
    {
        Assert.Equal([expected], _session.Text("1 | Invoke-DispatchTask -FilePath echo -ArgumentList { " + block + " }"));
    }

    [UnixFact]
    public void A_block_gets_its_item_whole_and_finds_the_variables_of_its_own_place()
    {
        Assert.Equal(
            ["3", "inside 7", "problem"],
            _session.Text("""
                Invoke-DispatchTask -FilePath echo -ArgumentList { $_.Count } -InputObject (1, 2, 3)
                function Send-Inside($block) { 7 | Invoke-DispatchTask -FilePath echo -ArgumentList $block }
                $place = 'inside'; Send-Inside { "$place $_" }
                try { throw 'problem' } catch { $_ | Invoke-DispatchTask -FilePath echo -ArgumentList { $_ } }
                """));
    }

    [UnixTheory]
    [InlineData("[pscustomobject] @{ Name = 'a'; Size = 1 }", "@{Name=a; Size=1}")]
    [InlineData("[pscustomobject] @{ Name = 'a' } | Add-Text", "scripted a")]
    [InlineData("@([pscustomobject] @{ A = 1 }, [pscustomobject] @{ A = 2 })", "@{A=1}\n@{A=2}\n")]
    [InlineData("[xml] '<a><b /></a>'", "<a><b /></a>")]
    public void Objects_are_the_text_that_arguments_make_of_them(string value, string expected)
    {
        _session.Run("filter Add-Text { $_.PSObject.Methods.Add([psscriptmethod]::new('ToString', { 'scripted ' + $this.Name })); $_ }");
        Assert.Equal([expected], _session.Text("Invoke-DispatchTask -FilePath cat -Raw -StandardInput (" + value + ")"));
        Assert.Equal([expected], _session.Text("$v = " + value + "; 1 | Invoke-DispatchTask -FilePath cat -Raw -StandardInput { $v }"));
    }

    [UnixTheory]
    [InlineData("([IO.DirectoryInfo] $folder)", "folder")]
    [InlineData("@{ a = 1 }", "hashtable")]
    [InlineData("([Collections.Generic.Dictionary[string, int]]::new())", "hashtable")]
    [InlineData("@('a', @{ a = 1 })", "hashtable")]
    [InlineData("([IO.MemoryStream]::new())", "stream")]
    [InlineData("([object]::new())", "System.Object")]
    [InlineData("@([IO.FileInfo] '/etc/passwd', [IO.FileInfo] '/etc/group')", "one file")]
    public void An_input_that_has_no_text_is_an_error_that_says_what_to_do(string value, string part)
    {
        ErrorRecord error = _session.Fail("Send-DispatchTask -FilePath cat -StandardInput " + value);
        Assert.StartsWith("ArgumentInvalid,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("-StandardInput", error.ToString(), StringComparison.Ordinal);
        Assert.Contains(part, error.ToString(), StringComparison.Ordinal);
        Assert.Equal(["0"], _session.Text("$d.Statistics.Sent"));
    }

    [Theory]
    [InlineData("-Environment @{ '' = 'e' }", "EnvironmentInvalid", "empty")]
    [InlineData("-Environment @{ 'A=B' = 'c' }", "EnvironmentInvalid", "'A=B'")]
    [InlineData("-Environment @{ V = \"a`0b\" }", "EnvironmentInvalid", "'V'")]
    [InlineData("-Environment @{ \"A`0\" = 'b' }", "EnvironmentInvalid", "null character")]
    [InlineData("-Environment @{ V = @{ } }", "EnvironmentInvalid", "-Environment")]
    [InlineData("-ArgumentList 'a', \"b`0c\"", "ArgumentInvalid", "Argument 2")]
    [InlineData("-ArgumentList @{ }", "ArgumentInvalid", "-ArgumentList")]
    [InlineData("-WorkingDirectory \"a`0b\"", "PathInvalid", "-WorkingDirectory")]
    [InlineData("-WorkingDirectory 'nodrive:x'", "PathInvalid", "-WorkingDirectory 'nodrive:x'")]
    [InlineData("-WorkingDirectory variable:x", "PathInvalid", "-WorkingDirectory")]
    [InlineData("-OutputFile 'nodrive:x'", "PathInvalid", "-OutputFile 'nodrive:x'")]
    [InlineData("-ErrorFile \"a`0b\"", "PathInvalid", "-ErrorFile")]
    [InlineData("-Append", "AppendNeedsFile", "-OutputFile")]
    public void A_parameter_that_cannot_be_used_is_named(string parameters, string errorId, string part)
    {
        ErrorRecord error = _session.Fail("Send-DispatchTask -FilePath dotnet " + parameters);
        Assert.StartsWith(errorId + ",", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.InvalidArgument, error.CategoryInfo.Category);
        Assert.Contains(part, error.ToString(), StringComparison.Ordinal);
        Assert.Equal(["0"], _session.Text("$d.Statistics.Sent"));
    }

    [Theory]
    [InlineData("\"a`0b\"", "PathInvalid", "-FilePath")]
    [InlineData("'nodrive:/x'", "PathInvalid", "-FilePath 'nodrive:/x'")]
    [InlineData("no-such-program-anywhere", "ExecutableNotFound", "'no-such-program-anywhere'")]
    public void A_program_that_cannot_be_found_is_named(string path, string errorId, string part)
    {
        string text = _session.Fail("Send-DispatchTask -FilePath " + path).ToString();
        Assert.StartsWith(errorId, _session.Fail("Send-DispatchTask -FilePath " + path).FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains(part, text, StringComparison.Ordinal);
        Assert.DoesNotContain(Environment.GetEnvironmentVariable("PATH")!, text, StringComparison.Ordinal);
    }

    [UnixFact]
    public void One_file_for_several_items_is_an_error_unless_it_is_added_to()
    {
        ErrorRecord fixedFile = _session.Fail("$null = 1, 2 | Send-DispatchTask -FilePath echo -OutputFile \"$folder/one\"");
        Assert.StartsWith("FileForSeveralItems,", fixedFile.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("-Append", fixedFile.ToString(), StringComparison.Ordinal);

        ErrorRecord made = _session.Fail("$null = 1, 2 | Send-DispatchTask -FilePath echo -ErrorFile { \"$folder/two\" }");
        Assert.StartsWith("FileInUse,", made.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal("2", made.TargetObject.ToString());

        Assert.Equal(["2"], _session.Text("@(1, 2 | Send-DispatchTask -FilePath echo -OutputFile /dev/null).Count"));
        Assert.Equal(["1", "2"], _session.Text("1, 2 | Invoke-DispatchTask -FilePath echo -ArgumentList { $_ } -OutputFile \"$folder/all\" -Append -MaxWorkers 1; [IO.File]::ReadAllLines(\"$folder/all\")"));
    }

    [UnixFact]
    public void A_file_whose_name_holds_a_colon_can_be_run_and_written_to()
    {
        File.WriteAllText(Path.Combine(_folder, "a:b"), "#!/bin/sh\necho ran\n");
        _session.Run("& chmod 755 \"$folder/a:b\"; $null = $ExecutionContext.SessionState.Path.SetLocation([WildcardPattern]::Escape($folder))");
        Assert.Equal(["Completed"], _session.Text("(Send-DispatchTask -FilePath ./a:b -OutputFile ./c:d | Wait-DispatchTask).State"));
        Assert.Equal("ran\n", File.ReadAllText(Path.Combine(_folder, "c:d")));
    }
}
