using System;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Reflection;

namespace Dispatching.ScriptHost;

/// <summary>The engine's view of this program: a console with nobody to ask.</summary>
internal sealed class ConsoleHost : PSHost
{
    private readonly ConsoleHostUserInterface _ui = new();

    /// <summary>What the script passed to <c>exit</c>, or null when it ended otherwise.</summary>
    public int? ExitCode { get; private set; }

    public override CultureInfo CurrentCulture { get; } = CultureInfo.CurrentCulture;

    public override CultureInfo CurrentUICulture { get; } = CultureInfo.CurrentUICulture;

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override string Name => "Dispatcher.ScriptHost";

    public override PSHostUserInterface UI => _ui;

    public override Version Version { get; } = Assembly.GetExecutingAssembly().GetName().Version ?? new Version(0, 0);

    public override void SetShouldExit(int exitCode) => ExitCode = exitCode;

    public override void EnterNestedPrompt() => throw new PSNotSupportedException("This host has no prompt.");

    public override void ExitNestedPrompt() => throw new PSNotSupportedException("This host has no prompt.");

    public override void NotifyBeginApplication()
    {
        // Programs that a script starts need no change of the console.
    }

    public override void NotifyEndApplication()
    {
        // As above.
    }
}
