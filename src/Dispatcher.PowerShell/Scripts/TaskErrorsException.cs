using System;
using System.Globalization;

namespace Dispatching.PowerShell;

/// <summary>A script block has ended by itself, and has failed all the same: it wrote an error, and -FailOnError was given.</summary>
public sealed class TaskErrorsException : Exception
{
    internal TaskErrorsException(string firstError, Exception? inner)
        : base(string.Format(CultureInfo.InvariantCulture, "The task wrote an error, and fails by that (-FailOnError): {0}", firstError), inner)
    {
    }
}
