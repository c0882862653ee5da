using System.Collections.Generic;
using Xunit;

namespace Dispatching.PowerShell.Tests;

/// <summary>Which hosts are the same: those that ssh is told to reach in the same way.</summary>
public sealed class SshTargetTests
{
    [Theory]
    [InlineData("web1", "WEB1")]
    [InlineData("web1", "web1:22")]
    [InlineData("admin@web1", "web1")]
    public void One_host_has_several_names(string one, string other) => Assert.True(AreSame(one, other, new SshOptions { UserName = "admin", Port = 22 }));

    [Theory]
    [InlineData("web1", "web2")]
    [InlineData("web1", "admin@web1")]
    [InlineData("web1:22", "web1:2222")]
    [InlineData("web1", "web1:22")]
    [InlineData("web@web", "Web@Web")]
    [InlineData("22@22:22", "22:22")]
    public void Another_user_or_port_is_another(string one, string other) => Assert.False(AreSame(one, other, new SshOptions()));

    [Fact]
    public void The_case_of_the_name_of_an_option_and_their_order_do_not_matter()
    {
        var one = new SshOptions { Options = [Option("Compression", "yes"), Option("LogLevel", "ERROR")] };
        var other = new SshOptions { Options = [Option("loglevel", "ERROR"), Option("compression", "yes")] };
        Assert.True(Target("web1", one).IsSame(Target("web1", other)));
    }

    [Fact]
    public void Another_key_subsystem_or_option_is_another()
    {
        SshOptions[] all =
        [
            new(),
            new() { KeyFilePath = "/keys/a" },
            new() { KeyFilePath = "/keys/A" },
            new() { Subsystem = "pwsh" },
            new() { Subsystem = "web1" },
            new() { Subsystem = "WEB1" },
            new() { Options = [Option("Compression", "yes")] },
            new() { Options = [Option("Compression", "no")] },
            new() { Options = [Option("Compression", "yes"), Option("LogLevel", "ERROR")] },
        ];
        for (int i = 0; i < all.Length; i++)
        {
            for (int j = 0; j < all.Length; j++)
            {
                Assert.Equal(i == j, Target("web1", all[i]).IsSame(Target("WEB1", all[j])));
            }
        }
    }

    private static bool AreSame(string one, string other, SshOptions options) => Target(one, options).IsSame(Target(other, options));

    private static SshTarget Target(string address, SshOptions options) => new(SshAddress.Parse(address), options, address);

    private static KeyValuePair<string, string> Option(string name, string value) => new(name, value);
}
