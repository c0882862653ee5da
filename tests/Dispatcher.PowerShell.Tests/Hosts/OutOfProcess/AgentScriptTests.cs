using System.IO;
using Xunit;

namespace Dispatching.PowerShell.Tests;

public sealed class AgentScriptTests
{
    private static readonly string[] s_names = ["Dispatcher.Core.dll", "Dispatcher.PowerShell.dll"];

    [Theory]
    [InlineData(false, "net8.0")]
    [InlineData(true, "netstandard2.0")]
    public void What_is_sent_to_another_host_is_for_any_system(bool isDesktop, string build)
    {
        object[] sent = AgentScript.ReadAll(isDesktop);
        Assert.All(s_names, (name, i) => Assert.Equal(File.ReadAllBytes(Path.Combine(StagedModule.Folder, "bin", build, name)), sent[i]));
    }

    [Fact]
    public void A_process_on_this_host_gets_what_is_loaded_here() =>
        Assert.Equal(System.Array.ConvertAll(s_names, name => Path.Combine(StagedModule.Assemblies, name)), AgentScript.Paths);
}
