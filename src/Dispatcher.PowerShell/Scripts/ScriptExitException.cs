using System;
using System.Globalization;

namespace Dispatching.PowerShell;

/// <summary>A script block called <c>exit</c> with a code other than 0.</summary>
public sealed class ScriptExitException : Exception
{
    internal ScriptExitException(int exitCode)
        : base(string.Format(CultureInfo.InvariantCulture, "The script block called exit with code {0}.", exitCode)) => ExitCode = exitCode;

    /// <summary>The code.</summary>
    public int ExitCode { get; }
}
