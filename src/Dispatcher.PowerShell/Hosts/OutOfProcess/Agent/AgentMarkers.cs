using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>
/// Writes the markers between the records of an agent's tasks. The end of a task may be held until the next one starts, so that
/// one marker says both: each is an object more for the engine to make text of and back. For the thread of the pipeline.
/// </summary>
internal sealed class AgentMarkers
{
    private readonly Cmdlet _cmdlet;
    private readonly string _nonce;
    private string? _heldEnd;

    /// <param name="cmdlet">Whose output they are written to.</param>
    /// <param name="nonce">What they begin with.</param>
    internal AgentMarkers(Cmdlet cmdlet, string nonce)
    {
        _cmdlet = cmdlet;
        _nonce = nonce;
    }

    /// <summary>Whether an end is held. <see cref="Release"/> writes it.</summary>
    internal bool IsHolding => _heldEnd is not null;

    /// <summary>Writes a marker, after the one that is held.</summary>
    internal void Write(string marker)
    {
        Release();
        _cmdlet.WriteObject(_nonce + marker);
    }

    /// <inheritdoc cref="Write(string)"/>
    internal void Write(char tag, string text) => Write(tag + text);

    /// <summary>A task has started.</summary>
    internal void WriteStarted(string id)
    {
        if (_heldEnd is { } end)
        {
            _heldEnd = null;
            _cmdlet.WriteObject(_nonce + WireTag.Next + end + ' ' + id);
        }
        else
        {
            Write(WireTag.Started, id);
        }
    }

    /// <summary>A task has ended. Not written before the next marker, or <see cref="Release"/>.</summary>
    internal void HoldEnd(string end)
    {
        Release();
        _heldEnd = end;
    }

    /// <summary>Writes what is held. To be called before a record is written.</summary>
    internal void Release()
    {
        if (_heldEnd is { } end)
        {
            _heldEnd = null;
            _cmdlet.WriteObject(_nonce + WireTag.Ended + end);
        }
    }
}
