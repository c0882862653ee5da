using System;
using System.Collections.Generic;

namespace Dispatching.PowerShell;

/// <summary>
/// The tasks of one session at this end: those that it was sent, those that run there, and what becomes of each. One thread
/// sends (<see cref="SendEach"/>, and what is in <see cref="Queue"/>); what comes back is told on a thread of the engine.
/// </summary>
internal sealed class TaskExchange
{
    private readonly ITaskClaims _claims;
    private readonly Func<RecordKind, object?, object?> _mark;
    private readonly Action<TaskContext> _endLost;
    private readonly List<(long Id, DispatchTask Task)> _bundled = [];

    /// <param name="claims">Who hands the tasks out, and takes them back.</param>
    /// <param name="mark">Says on a record where it comes from.</param>
    /// <param name="endLost">Ends an attempt that began when the session was lost already.</param>
    internal TaskExchange(ITaskClaims claims, Func<RecordKind, object?, object?> mark, Action<TaskContext> endLost)
    {
        _claims = claims;
        _mark = mark;
        _endLost = endLost;
    }

    internal SessionTasks Tasks { get; } = new();

    /// <summary>What the thread that sends has to do.</summary>
    internal SessionQueue Queue { get; } = new();

    /// <summary>The thread that sends is woken when the far end has no more tasks than that.</summary>
    internal int WakesAt { get; set; }

    /// <summary>Sends tasks that were just claimed, after <see cref="SessionTasks.BeginClaim"/>. May block while the other end does not read.</summary>
    internal void SendEach(List<DispatchTask> claimed, AgentConnection connection)
    {
        foreach (DispatchTask task in claimed)
        {
            Send(task, connection);
        }

        Flush(connection);
        claimed.Clear();
    }

    /// <summary>Asks for all tasks back that have not started. For the thread that sends.</summary>
    internal void RecallAll(AgentConnection connection)
    {
        foreach (long id in Tasks.TakeUnrecalled())
        {
            connection.Send(WireTag.Recall, id);
        }
    }

    /// <inheritdoc cref="TaskRunner.Recall"/>
    internal void Recall(DispatchTask task)
    {
        if (Tasks.FindForRecall(task) is { } id)
        {
            Queue.Post(WireTag.Recall, id);
        }
    }

    /// <inheritdoc cref="TaskRunner.RequestHostStop"/>
    internal void RequestStop(TaskContext attempt)
    {
        if (Tasks.TryGetId(attempt, out long id))
        {
            Queue.Post(WireTag.Stop, id);
        }
    }

    /// <inheritdoc cref="IAgentListener.OnStarted"/>
    internal void OnStarted(long id)
    {
        if (Tasks.BeginStart(id) is { } task)
        {
            Start(id, task);
            Tasks.EndStart();
        }
    }

    /// <inheritdoc cref="IAgentListener.OnRecord"/>
    internal void OnRecord(long id, RecordKind kind, object? value) => Tasks.GetRunning(id)?.Write(kind, _mark(kind, value));

    /// <inheritdoc cref="IAgentListener.OnEnded"/>
    internal void OnEnded(WireEnd end, Exception? error)
    {
        if (Tasks.TakeEnded(end.Id, out int left) is { } attempt)
        {
            if (end.ExitCode is { } exitCode)
            {
                attempt.SetExitCode(exitCode);
            }

            _claims.Complete(attempt, error);
        }

        if (left <= WakesAt)
        {
            Queue.Wake();
        }
    }

    /// <inheritdoc cref="IAgentListener.OnRecalled"/>
    internal void OnRecalled(long id)
    {
        if (Tasks.TakeSent(id) is { } task)
        {
            _claims.Return(task);
        }

        Queue.Wake();
    }

    private void Send(DispatchTask task, AgentConnection connection)
    {
        if (Tasks.Add(task) is not { } id)
        {
            _claims.Return(task);
            return;
        }

        if (TaskBundle.CanHold(task))
        {
            TrySend(id, task, connection, isAlone: false);
        }
        else
        {
            Flush(connection);
            TrySend(id, task, connection, isAlone: true);
        }
    }

    private void Flush(AgentConnection connection)
    {
        try
        {
            connection.Flush();
        }
        catch (Exception) when (connection.LostReason is null)
        {
            // One of them is to blame.
            _bundled.ForEach(one => TrySend(one.Id, one.Task, connection, isAlone: true));
        }
        finally
        {
            _bundled.Clear();
        }
    }

    private void TrySend(long id, DispatchTask task, AgentConnection connection, bool isAlone)
    {
        try
        {
            if (isAlone)
            {
                connection.Send(id, task);
                return;
            }

            if (!connection.TryAdd(id, task))
            {
                Flush(connection);
                connection.TryAdd(id, task);
            }

            _bundled.Add((id, task));
        }
        catch (Exception e) when (connection.LostReason is null)
        {
            // The file of its input cannot be read, or a value cannot be sent: code of the user's that the engine calls, as
            // enumerators, may throw anything.
            FailHere(id, task, e);
        }
    }

    private void Start(long id, DispatchTask task)
    {
        TaskContext? attempt = _claims.Start(task);
        if (attempt is null)
        {
            Tasks.LeaveBehind(id);
            Queue.Post(WireTag.Stop, id);
        }
        else if (!Tasks.TryAddRunning(id, attempt))
        {
            // The session was lost meanwhile, and its books are closed.
            _endLost(attempt);
        }
        else if (attempt.IsStopRequested)
        {
            // It was asked before it could be found.
            Queue.Post(WireTag.Stop, id);
        }
    }

    private void FailHere(long id, DispatchTask task, Exception error)
    {
        if (Tasks.TakeSent(id) is not null && _claims.Start(task) is { } attempt)
        {
            _claims.Complete(attempt, error);
        }
    }
}
