using System.Collections.Generic;

namespace Dispatching.PowerShell;

/// <summary>How to start a program that speaks the engine's remoting protocol on its standard streams.</summary>
/// <param name="What">What it is, for messages: "worker process", "ssh".</param>
/// <param name="FileName">The program.</param>
/// <param name="Arguments">Its arguments.</param>
internal sealed record EndpointCommand(string What, string FileName, IReadOnlyList<string> Arguments)
{
    /// <summary>Changes to the environment that it inherits; a <see langword="null"/> value removes a variable.</summary>
    internal IReadOnlyCollection<KeyValuePair<string, string?>>? Environment { get; init; }
}
