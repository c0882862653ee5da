using System.Threading;
using System.Threading.Tasks;

namespace Dispatching;

/// <summary>Turns the end of a task into the completion of a <see cref="Task"/>.</summary>
internal sealed class CompletionListener : ITaskListener
{
    private readonly TaskCompletionSource<bool> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);

#pragma warning disable VSTHRD003 // Completed by a worker's thread, which waits for nobody.
    internal Task Completion => _source.Task;
#pragma warning restore VSTHRD003

    public bool WantsEachRecord => false;

    /// <inheritdoc/>
    public bool IsOver => false;

    public void OnRecord(DispatchTask task)
    {
        // Only the end counts here.
    }

    public void OnEnded(DispatchTask task)
    {
        // What the body left behind must not break in between "completed" and waking whoever waits for that.
        InterruptSafe.Clear();
        try
        {
            _source.TrySetResult(true);
        }
        catch (ThreadInterruptedException)
        {
            // What the body left behind broke into waking a thread that waits for the completion. The worker goes on.
        }
    }
}
