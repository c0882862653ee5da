namespace Dispatching.PowerShell;

/// <summary>
/// What the two ends of a session say to each other. To the agent go arrays that begin with one of the first group; from it
/// come strings that begin with the nonce of the session and one of the second, between the records of the tasks.
/// </summary>
internal static class WireTag
{
    /// <summary>A script block and how it is called: id, then what <see cref="WireScript"/> makes of it.</summary>
    internal const string Script = "b";

    /// <summary>The agent need not keep a script any longer: id.</summary>
    internal const string Forget = "f";

    /// <summary>Run a script for an item: id of the task, id of the script, the item, whether that is an array.</summary>
    internal const string Task = "t";

    /// <summary>Run a script for each of some items: id of the script, then id of the task and item for each. No item is an array.</summary>
    internal const string Tasks = "m";

    /// <summary>Run a program: id of the task, then the program and its options.</summary>
    internal const string Program = "x";

    /// <summary>Stop a task: id.</summary>
    internal const string Stop = "s";

    /// <summary>Give back a task that has not started: id. The answer is <see cref="Recalled"/>, or none if it has started.</summary>
    internal const string Recall = "r";

    /// <summary>I am here: a number, which comes back.</summary>
    internal const string Ping = "p";

    /// <summary>The session is ready: the id of its process.</summary>
    internal const char Hello = '@';

    /// <summary>The records from here on are those of a task: id.</summary>
    internal const char Current = '>';

    /// <summary>A task has started: id.</summary>
    internal const char Started = '!';

    /// <summary>A task has ended: id, state, exit code.</summary>
    internal const char Ended = '.';

    /// <summary>A task has ended, and another has started: what <see cref="Ended"/> has, a space, id.</summary>
    internal const char Next = ',';

    /// <summary>A task has not started, and will not: id.</summary>
    internal const char Recalled = '-';

    /// <summary>The next error record is what ended the task: what <see cref="WireFault"/> makes of it.</summary>
    internal const char FinalError = '*';

    /// <summary>A line of standard error of a program.</summary>
    internal const char StandardError = 'e';

    /// <summary>The answer to a ping.</summary>
    internal const char Pong = '~';
}
