using System;
using System.Runtime.CompilerServices;

namespace Dispatching.PowerShell.Tests;

/// <summary>PowerShell reports its use to Microsoft unless it is told not to before it starts.</summary>
internal static class Telemetry
{
    [ModuleInitializer]
    internal static void TurnOff() => Environment.SetEnvironmentVariable("POWERSHELL_TELEMETRY_OPTOUT", "1");
}
