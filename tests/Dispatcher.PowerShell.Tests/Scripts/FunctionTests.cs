using System;
using System.IO;
using System.Management.Automation;
using Xunit;

namespace Dispatching.PowerShell.Tests;

/// <summary>Functions keep the file they stand in, as blocks do.</summary>
public sealed class FunctionTests : IDisposable
{
    private const string Library = """
        using namespace System.Text
        class Greeting { [string] Hello() { return 'hello' } }
        enum Mood { Good = 3 }
        function Named($p = 'default') { "$([StringBuilder]::new('n'))$([Greeting]::new().Hello())$([int][Mood]::Good)$p" }
        function Blocked { param($p) "$([StringBuilder]::new('b'))$([Greeting]::new().Hello())$p" }
        filter Filtered($p) { "$_$p$([StringBuilder]::new('f'))" }
        function Piped($p) { begin { 'begin' } process { "$_$p" } end { "end$([StringBuilder]::new('e'))" } }
        function WhereAmI { $PSCommandPath; $PSScriptRoot }
        function Fails($p) {
            $null = 1
            throw 'line eleven'
        }

        """;

    private readonly Session _session = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("dispatcher-function-").FullName;

    public void Dispose()
    {
        _session.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("Invoke-DispatchTask { Named; Named 5; Blocked 7 } -Function Named, Blocked", "nhello3default|nhello35|bhello7")]
    [InlineData("1, 2 | Invoke-DispatchTask { $_ | Filtered x } -Function Filtered -Ordered", "1xf|2xf")]
    [InlineData("Invoke-DispatchTask { 1, 2 | Filtered x } -Function Filtered", "1xf|2xf")]
    [InlineData("Invoke-DispatchTask { (Get-Command Filtered).CommandType; (Get-Command Named).CommandType } -Function Filtered, Named", "Filter|Function")]
    [InlineData("Invoke-DispatchTask { 1, 2 | Piped x } -Function Piped", "begin|1x|2x|ende")]
    [InlineData("Invoke-DispatchTask ${function:Named} -ArgumentList 5", "nhello35")]
    [InlineData("Invoke-DispatchTask ${function:Named} -Parameter @{ p = 6 }", "nhello36")]
    [InlineData("Invoke-DispatchTask ${function:Named}", "nhello3default")]
    [InlineData("1, 2 | Invoke-DispatchTask ${function:Filtered} -ArgumentList x -Ordered", "1xf|2xf")]
    [InlineData("1 | Invoke-DispatchTask ${function:Piped} -ArgumentList x", "begin|1x|ende")]
    [InlineData("$b = ${function:Named}; Invoke-DispatchTask { & $using:b 8 }", "nhello38")]
    [InlineData("$b = ${function:Named}; Invoke-DispatchTask { & $b 9 } -Variable b", "nhello39")]
    [InlineData("Invoke-DispatchTask { WhereAmI } -Function WhereAmI", "FILE|FOLDER")]
    [InlineData("Invoke-DispatchTask ${function:WhereAmI}", "FILE|FOLDER")]
    [InlineData("function made { 1 }; ${function:made} = { param($p) \"made $p\" }; Invoke-DispatchTask { made 2 } -Function made", "made 2")]
    [InlineData("Set-Item -LiteralPath 'function:a[b]' -Value { 'odd' }; Invoke-DispatchTask { & 'a[b]' } -Function a*", "odd")]
    public void They_see_what_stands_around_them(string call, string expected)
    {
        string file = Write(call);
        Assert.Equal(expected.Replace("FILE", file, StringComparison.Ordinal).Replace("FOLDER", _folder, StringComparison.Ordinal).Split('|'), _session.Text("& $args[0]", file));
    }

    [Theory]
    [InlineData("Invoke-DispatchTask { Fails 1 } -Function Fails")]
    [InlineData("Invoke-DispatchTask ${function:Fails}")]
    public void Their_errors_point_to_their_lines(string call)
    {
        string file = Write(call);
        Assert.Equal(
            [file, "11", "True"],
            _session.Text("try { $ErrorActionPreference = 'Stop'; & $args[0] } catch { $_.InvocationInfo.ScriptName; $_.InvocationInfo.ScriptLineNumber; $_.ScriptStackTrace -like '*lib.ps1: line 11*' }", file));
    }

    [Fact]
    public void A_name_that_cannot_be_brought_is_an_error()
    {
        ErrorRecord error = _session.Fail("function a/b { 1 }; Invoke-DispatchTask { 1 } -Function a/b");
        Assert.StartsWith("WorkerSettingsInvalid,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("'a/b'", error.ToString(), StringComparison.Ordinal);
    }

    private string Write(string call)
    {
        string path = Path.Combine(_folder, "lib.ps1");
        File.WriteAllText(path, Library + call + "\n");
        return path;
    }
}
