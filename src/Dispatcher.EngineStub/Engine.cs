// The names and signatures of PowerShell's own System.Management.Automation, of 7.3 and later: what a custom transport of
// sessions derives from. Only what the transport uses is here. A test compares it with the engine that runs the tests.
// Source: the custom connections of PowerShell 7.3 (RunspaceConnectionInfo, ClientSessionTransportManagerBase).
using System;
using System.IO;

namespace System.Management.Automation
{
    public class RuntimeException : SystemException
    {
    }

    public sealed class PSCredential
    {
    }
}

namespace System.Management.Automation.Internal
{
    public abstract class PSRemotingCryptoHelper
    {
    }
}

namespace System.Management.Automation.Runspaces
{
    using System.Management.Automation.Internal;
    using System.Management.Automation.Remoting.Client;

    public enum AuthenticationMechanism
    {
        Default = 0,
    }

    public abstract class RunspaceConnectionInfo
    {
        protected RunspaceConnectionInfo()
        {
        }

        public abstract string ComputerName { get; set; }

        public abstract PSCredential Credential { get; set; }

        public abstract AuthenticationMechanism AuthenticationMechanism { get; set; }

        public abstract string CertificateThumbprint { get; set; }

        public virtual BaseClientSessionTransportManager CreateClientSessionTransportManager(Guid instanceId, string sessionName, PSRemotingCryptoHelper cryptoHelper) => throw null!;

        public virtual RunspaceConnectionInfo Clone() => throw null!;
    }
}

namespace System.Management.Automation.Remoting
{
    public enum TransportMethodEnum
    {
        CloseShellOperationEx = 4,
    }

    public class PSRemotingTransportException : RuntimeException
    {
        public PSRemotingTransportException(string message)
        {
        }
    }

    public sealed class TransportErrorOccuredEventArgs : EventArgs
    {
        public TransportErrorOccuredEventArgs(PSRemotingTransportException e, TransportMethodEnum m)
        {
        }
    }

    public abstract class BaseTransportManager : IDisposable
    {
        public virtual void RaiseErrorHandler(TransportErrorOccuredEventArgs eventArgs)
        {
        }

        public void Dispose()
        {
        }

        protected virtual void Dispose(bool isDisposing)
        {
        }
    }
}

namespace System.Management.Automation.Remoting.Client
{
    using System.Management.Automation.Internal;

    public abstract class BaseClientTransportManager : BaseTransportManager
    {
        public abstract void CreateAsync();
    }

    public abstract class BaseClientSessionTransportManager : BaseClientTransportManager
    {
    }

    public abstract class ClientSessionTransportManagerBase : BaseClientSessionTransportManager
    {
        protected ClientSessionTransportManagerBase(Guid runspaceId, PSRemotingCryptoHelper cryptoHelper)
        {
        }

        protected abstract void CleanupConnection();

        protected void HandleOutputDataReceived(string data)
        {
        }

        protected void SendOneItem()
        {
        }

        protected void SetMessageWriter(TextWriter textWriter)
        {
        }
    }
}
