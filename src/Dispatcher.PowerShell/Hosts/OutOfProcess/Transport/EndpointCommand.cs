using System.Collections.Generic;

namespace Dispatching.PowerShell;

/// <summary>A program that speaks the engine's remoting protocol on its standard streams.</summary>
/// <param name="What">What it is, for messages.</param>
/// <param name="FileName">The program.</param>
/// <param name="Arguments">Its arguments.</param>
internal sealed record EndpointCommand(string What, string FileName, IReadOnlyList<string> Arguments);
