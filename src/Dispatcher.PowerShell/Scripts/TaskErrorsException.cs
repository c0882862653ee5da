using System;
using System.Globalization;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>A script block has ended by itself, and has failed all the same: it wrote an error, and -FailOnError was given.</summary>
public sealed class TaskErrorsException : Exception
{
    internal TaskErrorsException(object firstError)
        : base(string.Format(CultureInfo.InvariantCulture, "The task wrote an error, and fails by that (-FailOnError): {0}", firstError), (firstError as ErrorRecord)?.Exception) =>
        FirstError = firstError as ErrorRecord;

    /// <summary>The first error that it wrote.</summary>
    internal ErrorRecord? FirstError { get; }
}
