using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Xml.Linq;
using Xunit;

namespace Dispatching.PowerShell.Tests.Formatting;

/// <summary>What the views are made of. The Pester suite looks at what they show.</summary>
public sealed class ViewTests : IDisposable
{
    private static readonly XElement s_format = XDocument.Load(Path.Combine(StagedModule.Folder, "Dispatcher.Format.ps1xml")).Root!; // A document that loads has one.

    private readonly Session _session = new();

    public ViewTests()
    {
        _session.StartDispatcher();
        _session.Run("""
            $ok = Send-DispatchTask { 1 } -InputObject "two`nlines" -Name 'fine'
            $bad = Send-DispatchTask { throw 'bad' }
            $exit = Send-DispatchTask { exit -1073741510 }
            $null = $ok, $bad, $exit | Wait-DispatchTask
            $output = Invoke-DispatchTask { 'text' } -WithTask
            $new = Send-DispatchTask { } -Dispatcher (New-Dispatcher waiting) -Timeout 0
            """);
    }

    public static TheoryData<string> TableNames => [.. s_format.Descendants("View").Where(view => view.Element("TableControl") is not null).Select(view => view.Element("Name")!.Value)];

    public void Dispose() => _session.Dispose();

    [Theory]
    [MemberData(nameof(TableNames))]
    public void Tables_fit_into_80_columns(string name)
    {
        XElement[] columns = [.. s_format.Descendants("View").First(view => view.Element("Name")!.Value == name).Descendants("TableColumnHeader")];
        XElement[] free = [.. columns.Where(column => column.Element("Width") is null)];
        int fixedWidth = columns.Sum(column => (int?)column.Element("Width") ?? 0) + columns.Length - 1;
        Assert.InRange(fixedWidth + (free.Length * 12), 1, 80);

        // The names, and the last: those are as wide as there is room.
        Assert.All(free, column => Assert.True(column.Element("Label")?.Value == "Name" || column == columns[^1], "A column has no width."));
        Assert.All(columns.Where(column => column.Element("Label") is not null), column => Assert.InRange(column.Element("Label")!.Value.Length, 1, (int?)column.Element("Width") ?? 10));
    }

    [Fact]
    public void Every_view_shows_properties_that_there_are()
    {
        _session.Invoke("$folder = [IO.Directory]::CreateTempSubdirectory().FullName; 1 | Invoke-DispatchTask { 1 } -JournalPath $folder; $entry = Get-DispatchJournal $folder; Remove-Item $folder -Recurse");
        foreach (XElement view in s_format.Descendants("View"))
        {
            string variable = view.Descendants("TypeName").First().Value switch
            {
                "Dispatching.Dispatcher" => "$d",
                "Dispatching.DispatcherStatistics" => "$d.Statistics",
                "Dispatching.TaskOutput" => "$output",
                "Dispatching.DispatchJournalEntry" => "$entry",
                _ => "$bad",
            };
            Assert.All(
                view.Descendants("PropertyName").Select(property => property.Value),
                property => Assert.Equal(["True"], _session.Text("$null -ne (" + variable + ").psobject.Properties['" + property + "']")));
            Assert.All(
                view.Descendants("ScriptBlock").Select(block => block.Value),
                block => Assert.Null(_session.Invoke(variable + " | & { process { " + block + " } }").Terminated));
        }
    }

    [Theory]
    [InlineData("$ok.ViewState", "Completed")]
    [InlineData("$bad.ViewState", "Failed")]
    [InlineData("$ok.ViewResult", "<null>")]
    [InlineData("$bad.ViewResult", "errors")]
    [InlineData("$exit.ViewResult", "-1073741510")]
    [InlineData("$ok.ViewInput", "two lines")]
    [InlineData("$bad.ViewInput", "<null>")]
    [InlineData("$bad.ViewException", "RuntimeException: bad")]
    [InlineData("$ok.ViewException", "<null>")]
    [InlineData("$ok.ViewDispatcher", "d")]
    [InlineData("$ok.ViewTimeout", "50.0 s")]
    [InlineData("$new.ViewTimeout", "none")]
    [InlineData("$new.ViewResult", "NotStarted")]
    [InlineData("$new.Summary.PendingReason", "NotStarted")]
    [InlineData("$bad.Summary.PendingReason", "<null>")]
    [InlineData("$d.TimedOut", "0")]
    [InlineData("$new.ViewDuration", "<null>")]
    [InlineData("$new.ViewStartedAt", "<null>")]
    [InlineData("$d.ViewStatus", "Running")]
    [InlineData("$d.ViewScaleDownInterval", "5 min 00 s")]
    [InlineData("$d.Completed", "1")]
    [InlineData("$d", "d")]
    [InlineData("$d.Statistics", "3 sent: 0 pending, 0 running, 1 completed, 2 failed, 0 timed out, 0 stopped")]
    [InlineData("\"$ok\"", "fine")]
    public void What_is_shown(string expression, string expected)
    {
        _session.Run("[Globalization.CultureInfo]::CurrentCulture = [Globalization.CultureInfo]::InvariantCulture");
        string shown = Assert.Single(_session.Text(expression));
        Assert.Equal(expected, WithoutColors(shown));
    }

    [Theory]
    [InlineData("Dispatcher", CellText.BesideDispatcherName)]
    [InlineData("DispatchTask", CellText.BesideTaskNameAndInput)]
    public void The_room_that_text_is_cut_to_is_the_room_that_there_is(string name, int beside)
    {
        XElement[] columns = [.. s_format.Descendants("View").First(view => view.Element("Name")!.Value == name).Descendants("TableColumnHeader")];
        Assert.Equal(columns.Sum(column => (int?)column.Element("Width") ?? 0) + columns.Length - 1, beside);
    }

    [Theory]
    [InlineData("short", 12, "short")]
    [InlineData("a/b", 3, "a/b")]
    [InlineData("/srv/data/some/file.txt", 13, "/srv/d\u2026le.txt")]
    [InlineData("C:\\data\\some\\file.txt", 12, "C:\\da\u2026le.txt")]
    [InlineData("a name that is no path", 12, "a name that\u2026")]
    public void A_path_is_cut_in_the_middle_and_other_text_at_its_end(string text, int width, string expected)
    {
        string? cut = CellText.Fit(text, width);
        Assert.Equal(StagedModule.Build == "net8.0" ? expected : cut, cut);
        Assert.InRange(cut!.Length, 1, width); // There is one where there was text.
        Assert.Equal(text[^1] == cut[^1], text.Length <= width || text.Contains('/', StringComparison.Ordinal) || text.Contains('\\', StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("$all", 80)]
    [InlineData("$all", 120)]
    [InlineData("$all | Format-Table", 200)]
    public void A_path_keeps_both_ends_in_whatever_width_there_is(string tasks, int width)
    {
        _session["path"] = "/begin/" + string.Concat(Enumerable.Repeat("inner/", 40)) + "the-end";
        string[] row = _session.Text("$all = Send-DispatchTask { } -Name $path -InputObject $path -Dispatcher d; (" + tasks + " | Out-String -Width " + width + ") -split '\\r?\\n' -match 'begin'").ToArray();
        string[] cells = [.. WithoutColors(Assert.Single(row)).Split(' ').Where(cell => cell.StartsWith("/begin", StringComparison.Ordinal))];
        Assert.Equal(2, cells.Length);
        Assert.All(cells, cell => Assert.EndsWith("end", cell, StringComparison.Ordinal));
        Assert.All(cells, cell => Assert.InRange(cell.Length, ((width - CellText.BesideTaskNameAndInput) / 2) - 1, (width - CellText.BesideTaskNameAndInput) / 2));
    }

    [Fact]
    public void WithTask_is_seen_where_output_has_no_place_to_show_a_property()
    {
        string shown = string.Join('\n', _session.Text("Invoke-DispatchTask { 'a'; 5; \"two`nlines\" } -WithTask -Name mine | Out-String"));
        Assert.Matches(@"DispatchTask\s+Output", WithoutColors(shown));
        Assert.Matches(@"mine\s+a\s", shown);
        Assert.Matches(@"mine\s+5\s", shown);
        Assert.Matches(@"lines", shown);
        Assert.Equal(["a", "True", "System.Version"], _session.Text("$o = Invoke-DispatchTask { 'a'; [version]'1.2' } -WithTask; \"$($o[0])\"; $o[0] -is [string]; $o[1].psobject.TypeNames[0]"));
    }

    [Fact]
    public void A_name_of_a_state_fits_its_column()
    {
        int width = (int)s_format.Descendants("View").First(view => view.Element("Name")!.Value == "DispatchTask").Descendants("TableColumnHeader").ElementAt(2).Element("Width")!;
        Assert.All(_session.Text("[enum]::GetNames($ok.State.GetType())"), name => Assert.InRange(name.Length, 1, width));
    }

    [Fact]
    public void Plain_text_where_the_session_wants_no_colors()
    {
        _session.Run("$before = $PSStyle.OutputRendering; $PSStyle.OutputRendering = 'PlainText'");
        try
        {
            Assert.Equal(["Failed", "Running"], _session.Text("$bad.ViewState; $d.ViewStatus"));
        }
        finally
        {
            _session.Run("$PSStyle.OutputRendering = $before");
        }
    }

    [Fact]
    public void A_constrained_session_sees_the_same()
    {
        _session.Runspace.SessionStateProxy.LanguageMode = PSLanguageMode.ConstrainedLanguage;
        Assert.Equal(["Failed", "errors", "d", "Failed", "Running"], _session.Text("$bad.ViewState; $bad.ViewResult; $bad.ViewDispatcher; $bad.Summary.State; $d.ViewStatus").Select(WithoutColors));
    }

    [Fact]
    public void An_object_whose_ToString_throws_is_shown_by_its_type()
    {
        _session["thrower"] = new Thrower();
        Assert.Equal([nameof(Thrower)], _session.Text("(Send-DispatchTask { } -InputObject $thrower -Dispatcher d).ViewInput"));
    }

    [Fact]
    public void Summaries_are_flat()
    {
        var task = (PSObject)_session.One("$bad.Summary");
        var dispatcher = (PSObject)_session.One("$d.Summary");
        Assert.Equal(
            ["Id", "Name", "Dispatcher", "State", "PendingReason", "HadErrors", "ErrorMessage", "FirstError", "ExitCode", "Attempt", "Worker", "ComputerName", "QueuedAt", "StartedAt", "EndedAt", "WaitSeconds", "DurationSeconds", "Priority", "Group", "DependsOn", "DueAt", "Input"],
            task.Properties.Select(property => property.Name));
        Assert.Equal("bad", task.Properties["ErrorMessage"].Value);
        Assert.Equal("Failed", task.Properties["State"].Value);
        Assert.Equal(DateTimeKind.Utc, ((DateTime)task.Properties["EndedAt"].Value).Kind);
        Assert.Equal("d", dispatcher.Properties["Name"].Value);
        Assert.Equal(2L, dispatcher.Properties["Failed"].Value);
        Assert.All(task.Properties.Concat(dispatcher.Properties), property => Assert.True(property.Value is null or string or bool or int or long or double or DateTime, property.Name));
    }

    [Fact]
    public void What_the_views_need_is_hidden()
    {
        string[] hidden = ["View*", "Summary", "Sent"];
        IEnumerable<string> names = _session.Text("$bad.psobject.Properties.Name; $d.psobject.Properties.Name");
        Assert.DoesNotContain(names, name => hidden.Any(pattern => new WildcardPattern(pattern).IsMatch(name)));
        Assert.Contains("Duration", names);
    }

    private static string WithoutColors(string text) => System.Text.RegularExpressions.Regex.Replace(text, "\u001b\\[[0-9;]*m", string.Empty, System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(1));

    private sealed class Thrower
    {
        public override string ToString() => throw new InvalidOperationException(CultureInfo.InvariantCulture.Name);
    }
}
