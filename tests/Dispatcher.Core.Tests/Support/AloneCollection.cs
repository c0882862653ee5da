using Xunit;

namespace Dispatching.Tests.Support;

/// <summary>Tests that measure, or change, what belongs to the whole process, and so run while no other does.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public static class AloneCollection
{
    public const string Name = "Alone";
}
