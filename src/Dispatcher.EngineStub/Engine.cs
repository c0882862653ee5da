// Declarations of System.Management.Automation as PowerShell 7.4 and later have them, without any code: what a transport of
// sessions derives from and calls, and no more. A test compares them with the engine that it runs in.
using System;
using System.IO;
using System.Management.Automation.Internal;
using System.Management.Automation.Remoting;
using System.Management.Automation.Remoting.Client;
using System.Management.Automation.Runspaces;

namespace System.Management.Automation
{
    public sealed class PSCredential
    {
        internal PSCredential()
        {
        }
    }

    public class RuntimeException : SystemException
    {
        public RuntimeException(string message)
        {
        }
    }
}

namespace System.Management.Automation.Internal
{
    public abstract class PSRemotingCryptoHelper
    {
        internal PSRemotingCryptoHelper()
        {
        }
    }
}

namespace System.Management.Automation.Runspaces
{
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

        public virtual RunspaceConnectionInfo Clone() => throw null;

        public virtual BaseClientSessionTransportManager CreateClientSessionTransportManager(Guid instanceId, string sessionName, PSRemotingCryptoHelper cryptoHelper) => throw null;
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
            : base(message)
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
        internal BaseTransportManager()
        {
        }

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
    public abstract class BaseClientTransportManager : BaseTransportManager
    {
        internal BaseClientTransportManager()
        {
        }

        public abstract void CreateAsync();

        public virtual void CloseAsync()
        {
        }

        protected override void Dispose(bool isDisposing)
        {
        }
    }

    public abstract class BaseClientSessionTransportManager : BaseClientTransportManager
    {
        internal BaseClientSessionTransportManager()
        {
        }
    }

    public abstract class ClientSessionTransportManagerBase : BaseClientSessionTransportManager
    {
        protected ClientSessionTransportManagerBase(Guid runspaceId, PSRemotingCryptoHelper cryptoHelper)
        {
        }

        public override void CloseAsync()
        {
        }

        protected override void Dispose(bool isDisposing)
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
