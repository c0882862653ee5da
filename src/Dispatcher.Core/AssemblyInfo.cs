using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

[assembly: InternalsVisibleTo("Dispatcher.PowerShell")]
[assembly: DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
