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
/// Lets the engine open a session over the streams of a child process. Its own transports for that do not notice the end of the
/// child, or end this process when they write to it.
/// </summary>
/// <remarks>Entered by <see cref="Create"/> alone, so that an engine which has not got these classes fails there.</remarks>
internal sealed class EndpointTransport : RunspaceConnectionInfo
{
    private readonly SessionEndpoint _endpoint;

    private EndpointTransport(SessionEndpoint endpoint) => _endpoint = endpoint;

    /// <inheritdoc/>
    public override string ComputerName { get; set; } = "localhost";

    /// <inheritdoc/>
    public override PSCredential Credential { get => null!; set => throw new NotSupportedException(); } // The engine reads it, and expects none.

    /// <inheritdoc/>
    public override AuthenticationMechanism AuthenticationMechanism { get; set; }

    /// <inheritdoc/>
    public override string CertificateThumbprint { get; set; } = string.Empty;

    /// <summary>Makes the connection information of a session over an endpoint.</summary>
    /// <returns>A RunspaceConnectionInfo of the engine: not the type that the rest of this assembly was compiled against.</returns>
    internal static object Create(SessionEndpoint endpoint) => new EndpointTransport(endpoint);

    /// <inheritdoc/>
    public override RunspaceConnectionInfo Clone() => new EndpointTransport(_endpoint);

    /// <inheritdoc/>
    public override BaseClientSessionTransportManager CreateClientSessionTransportManager(Guid instanceId, string sessionName, PSRemotingCryptoHelper cryptoHelper) =>
        new Manager(_endpoint, instanceId, cryptoHelper);

    private sealed class Manager : ClientSessionTransportManagerBase
    {
        private readonly SessionEndpoint _endpoint;

        internal Manager(SessionEndpoint endpoint, Guid runspaceId, PSRemotingCryptoHelper cryptoHelper)
            : base(runspaceId, cryptoHelper) => _endpoint = endpoint;

        public override void CreateAsync()
        {
            SetMessageWriter(_endpoint.Input);
            SendOneItem();
            _endpoint.Read(HandleOutputDataReceived, OnEnded);
        }

        protected override void CleanupConnection()
        {
            // The session is closed, or was broken: nothing of it is needed any more.
            _endpoint.Kill();
        }

        private void OnEnded(string how) =>
            RaiseErrorHandler(new TransportErrorOccuredEventArgs(new PSRemotingTransportException("The " + _endpoint.What + " " + how + "."), TransportMethodEnum.CloseShellOperationEx));
    }
}
#endif
