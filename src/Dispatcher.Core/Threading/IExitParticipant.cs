namespace Dispatching;

/// <summary>Something that must not outlive this process.</summary>
internal interface IExitParticipant
{
    void OnProcessExit();
}
