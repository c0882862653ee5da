using System;
using System.IO;
using System.Linq;
using System.Management.Automation;
using Xunit;

namespace Dispatching.PowerShell.Tests;

/// <summary>Get-Help finds what is staged, whichever of the two builds the module has loaded.</summary>
public sealed class GetHelpTests
{
    private readonly string _manifest = CreateModule();

    [Fact]
    public void Get_Help_finds_the_help_of_every_cmdlet()
    {
        using Session session = Import();
        Assert.All(HelpFile.Cmdlets, cmdlet =>
        {
            PSObject help = Assert.Single(session.Invoke("Get-Help " + cmdlet.Key).Objects);
            Assert.Contains(help.TypeNames, name => name.StartsWith("MamlCommandHelpInfo", StringComparison.Ordinal));
            Assert.Equal(HelpFile.Paragraphs(cmdlet.Value.Element(HelpFile.Command + "details")).Single(), (string)help.Properties["Synopsis"].Value);
        });
    }

    [Fact]
    public void Get_Help_finds_every_topic()
    {
        using Session session = Import();
        Assert.All(HelpFile.Topics, topic => Assert.Equal(topic.Value.Trim(), ((string)session.One("Get-Help " + topic.Key).ToString()).Trim()));
    }

    private Session Import()
    {
        var session = new Session();
        session.Run("Remove-Module Dispatcher; Import-Module $args[0]", _manifest);
        return session;
    }

    /// <summary>The module as it is staged, but for the build that it loads.</summary>
    private static string CreateModule()
    {
        DirectoryInfo folder = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "module-help-" + StagedModule.Build, "Dispatcher", "en-US")).Parent!;
        foreach (string file in Directory.GetFiles(StagedModule.Folder).Concat(Directory.GetFiles(HelpFile.Folder)))
        {
            string copy = Path.Combine(folder.FullName, Path.GetRelativePath(StagedModule.Folder, file));
            File.Copy(file, copy, overwrite: true);
        }

        File.WriteAllText(Path.Combine(folder.FullName, "Dispatcher.psm1"), $"""
            Import-Module -Name '{Path.Combine(StagedModule.Assemblies, "Dispatcher.PowerShell.dll")}'
            Import-Module -Name "$PSScriptRoot/Dispatcher.Types.psd1"
            """);
        return Path.Combine(folder.FullName, "Dispatcher.psd1");
    }
}
