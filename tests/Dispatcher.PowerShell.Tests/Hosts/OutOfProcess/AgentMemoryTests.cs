using System;
using System.Threading;
using Xunit;

namespace Dispatching.PowerShell.Tests;

/// <summary>What an agent does once it has had nothing to do for a moment.</summary>
public sealed class AgentMemoryTests
{
    [Fact]
    public void Memory_is_given_back_once_and_only_when_there_is_nothing_to_do()
    {
        using var asked = new SemaphoreSlim(0);
        bool isIdle = false;
        using var memory = new AgentMemory(() =>
        {
            asked.Release();
            return isIdle;
        });
        memory.Touch();
        Assert.True(asked.Wait(Limits.Hang));
        Volatile.Write(ref isIdle, true);
        int before = GC.CollectionCount(GC.MaxGeneration);

        memory.Touch();

        Assert.True(asked.Wait(Limits.Hang));
        Session.Eventually(() => GC.CollectionCount(GC.MaxGeneration) > before, "a collection");
    }
}
