using System.Collections;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>
/// The far end of a session: runs the tasks that come in through its input on a dispatcher of its own, and writes what they
/// write to its own streams. It ends when its input does.
/// </summary>
[Cmdlet(VerbsLifecycle.Invoke, "DispatcherAgent")]
internal sealed class InvokeDispatcherAgentCommand : PSCmdlet
{
    private AgentSession? _session;
    private volatile bool _isStopped;

    /// <summary>What <see cref="WireSettings"/> has made.</summary>
    [Parameter(Mandatory = true)]
    public object? Settings { get; set; }

    /// <summary>The live enumerator of the messages.</summary>
    [Parameter(Mandatory = true)]
    public object? Messages { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        using var session = new AgentSession(this, WireSettings.Decode(Settings!), (IEnumerator)PlainValue.Of(Messages!)); // Both are mandatory.
        _session = session;
        if (!_isStopped)
        {
            session.Run();
        }
    }

    /// <inheritdoc/>
    protected override void StopProcessing()
    {
        _isStopped = true;
        _session?.EndInput();
    }
}
