using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

[assembly: InternalsVisibleTo("Dispatcher.PowerShell")]
[assembly: InternalsVisibleTo("Dispatcher.Core.Tests")]
[assembly: InternalsVisibleTo("Dispatcher.Core.Tests.NetStandard")]
[assembly: InternalsVisibleTo("Dispatcher.PowerShell.Tests")]
[assembly: InternalsVisibleTo("Dispatcher.PowerShell.Tests.NetStandard")]
[assembly: DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
