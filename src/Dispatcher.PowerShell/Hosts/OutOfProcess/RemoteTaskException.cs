using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>
/// The error that ended a task in another process or on another machine. The error record is as it was there; the exception
/// inside it is a <see cref="RemoteException"/>, which has the message and the properties of the original.
/// </summary>
public sealed class RemoteTaskException : RuntimeException
{
    internal RemoteTaskException(ErrorRecord record, WireFault? fault)
        : base(record.Exception.Message, record.Exception, record) => Fault = fault;

    /// <summary>What rules for retries ask of the original.</summary>
    internal WireFault? Fault { get; }
}
