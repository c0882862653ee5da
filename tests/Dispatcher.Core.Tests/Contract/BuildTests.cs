using System.Linq;
using System.Reflection;
using System.Runtime.Versioning;
using Xunit;

namespace Dispatching.Tests.Contract;

public sealed class BuildTests
{
    [Fact]
    public void The_loaded_core_is_the_build_these_tests_are_for()
    {
        string? wanted = typeof(BuildTests).Assembly
            .GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(attribute => attribute.Key == "CoreFramework").Value;

        string? loaded = typeof(Dispatcher).Assembly.GetCustomAttribute<TargetFrameworkAttribute>()?.FrameworkName;

        Assert.NotNull(wanted);
        Assert.Equal(wanted, loaded);
    }
}
