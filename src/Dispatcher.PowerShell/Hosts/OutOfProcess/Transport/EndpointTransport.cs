#if NET
extern alias engine;

using System;
using System.IO;
using engine::System.Management.Automation;
using engine::System.Management.Automation.Internal;
using engine::System.Management.Automation.Remoting;
using engine::System.Management.Automation.Remoting.Client;
using engine::System.Management.Automation.Runspaces;

namespace Dispatching.PowerShell;

/// <summary>
/// Has the engine open a session over the streams of a child process. The engine's own transports for that do not notice the
/// child's end, or end this process when they write to it. Entered by <see cref="Create"/> alone: an engine that has not got
/// what this derives from fails there.
/// </summary>
internal sealed class EndpointTransport : RunspaceConnectionInfo
{
    private readonly SessionEndpoint _endpoint;

    private EndpointTransport(SessionEndpoint endpoint)
    {
        _endpoint = endpoint;
        ComputerName = endpoint.What;
    }

    /// <inheritdoc/>
    public override string ComputerName { get; set; }

    /// <inheritdoc/>
    public override PSCredential Credential
    {
        get => null!; // The engine knows that there may be none.
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override AuthenticationMechanism AuthenticationMechanism { get; set; }

    /// <inheritdoc/>
    public override string CertificateThumbprint { get; set; } = string.Empty;

    /// <summary>Makes what RunspaceFactory.CreateRunspace takes, which is another type to the rest of this assembly.</summary>
    internal static object Create(SessionEndpoint endpoint) => new EndpointTransport(endpoint);

    /// <inheritdoc/>
    public override RunspaceConnectionInfo Clone() => new EndpointTransport(_endpoint);

    /// <inheritdoc/>
    public override BaseClientSessionTransportManager CreateClientSessionTransportManager(Guid instanceId, string sessionName, PSRemotingCryptoHelper cryptoHelper) =>
        new Manager(_endpoint, instanceId, cryptoHelper);

    private sealed class Manager : ClientSessionTransportManagerBase
    {
        // The far end ends its pipelines first, and may be stuck in one. The engine would wait a minute.
        private static readonly TimeSpan s_closeTimeout = TimeSpan.FromSeconds(5);

        private readonly SessionEndpoint _endpoint;

        internal Manager(SessionEndpoint endpoint, Guid instanceId, PSRemotingCryptoHelper cryptoHelper)
            : base(instanceId, cryptoHelper) => _endpoint = endpoint;

        /// <inheritdoc/>
        public override void CreateAsync()
        {
            SetMessageWriter(_endpoint.Input);
            _endpoint.Receive(HandleOutputDataReceived);
            SendOneItem();
            _endpoint.TellEnd(OnEnded);
        }

        /// <inheritdoc/>
        public override void CloseAsync()
        {
            if (_endpoint.IsEnded)
            {
                // Nobody will acknowledge the close, which the engine would wait a minute for; an error it takes for an answer.
                SetMessageWriter(new ClosedWriter());
            }

            _endpoint.KillAfter(s_closeTimeout);
            base.CloseAsync();
        }

        /// <inheritdoc/>
        /// <remarks>Where the engine cannot make sense of what it gets, the process is of no use any more.</remarks>
        public override void RaiseErrorHandler(TransportErrorOccuredEventArgs eventArgs)
        {
            base.RaiseErrorHandler(eventArgs);
            _endpoint.Fail("wrote what is no message of a session");
        }

        /// <inheritdoc/>
        protected override void CleanupConnection() => _endpoint.Kill();

        private void OnEnded(string how) =>
            base.RaiseErrorHandler(new TransportErrorOccuredEventArgs(new PSRemotingTransportException(_endpoint.Describe(how)), TransportMethodEnum.CloseShellOperationEx));
    }

    private sealed class ClosedWriter : StringWriter
    {
        internal ClosedWriter()
            : base(System.Globalization.CultureInfo.InvariantCulture)
        {
        }

        public override void WriteLine(string? value) => throw new IOException("The process has ended.");
    }
}
#endif
