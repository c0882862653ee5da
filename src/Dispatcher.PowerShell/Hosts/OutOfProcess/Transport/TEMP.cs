#if NET
using System;
using System.Collections.Generic;
using System.Linq;
using System.Diagnostics;
using System.Management.Automation.Host;
using System.Management.Automation.Runspaces;
using System.Reflection;
namespace Dispatching.PowerShell;
#pragma warning disable
internal sealed record EndpointCommand(string What, string FileName, IReadOnlyList<string> Arguments);
internal sealed class SessionEndpoint : IDisposable
{
    private object _instance; private Process _process;
    internal SessionEndpoint(EndpointCommand command)
    {
        var t = typeof(Runspace).Assembly.GetType("System.Management.Automation.Runspaces.PowerShellProcessInstance");
        _instance = Activator.CreateInstance(t);
        _process = (Process)t.GetProperty("Process").GetValue(_instance);
        _process.StartInfo.FileName = command.FileName;
        _process.StartInfo.ArgumentList.Clear(); _process.StartInfo.Arguments = string.Join(" ", command.Arguments);
        _process.EnableRaisingEvents = true;
        _process.Exited += (_, _) => { Ended?.Invoke("ended with exit code " + _process.ExitCode); };
    }
    internal event Action<string>? Ended;
    internal int ProcessId { get { try { return _process.Id; } catch { return 0; } } }
    internal string StandardErrorTail => "";
    internal Runspace CreateRunspace(PSHost? host) => (Runspace)typeof(RunspaceFactory).GetMethods().First(m => m.Name == "CreateOutOfProcessRunspace" && m.GetParameters().Length == 2).Invoke(null, new object?[] { null, _instance });
    internal void Kill() { try { _process.Kill(); } catch { } }
    internal string? WaitForEnd(TimeSpan t) { try { return _process.WaitForExit((int)t.TotalMilliseconds) ? "ended with exit code " + _process.ExitCode : null; } catch { return null; } }
    public void Dispose() { Kill(); }
}
#else
#pragma warning disable
namespace Dispatching.PowerShell { internal sealed record EndpointCommand(string What, string FileName, System.Collections.Generic.IReadOnlyList<string> Arguments);
internal sealed class SessionEndpoint : System.IDisposable { internal SessionEndpoint(EndpointCommand command) {} internal event System.Action<string>? Ended; internal int ProcessId => 0; internal string StandardErrorTail => ""; internal System.Management.Automation.Runspaces.Runspace CreateRunspace(object? host) => throw new System.PlatformNotSupportedException(); internal void Kill() {} internal string? WaitForEnd(System.TimeSpan t) => null; public void Dispose() {} } }
#endif
