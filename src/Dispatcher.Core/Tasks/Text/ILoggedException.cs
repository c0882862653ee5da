namespace Dispatching;

/// <summary>An exception whose message has what does not belong into a file: arguments, or the item of a task.</summary>
internal interface ILoggedException
{
    /// <summary>The message for logs and traces, without those.</summary>
    string LogMessage { get; }
}
