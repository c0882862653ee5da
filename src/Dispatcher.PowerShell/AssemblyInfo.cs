using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Dispatcher.PowerShell.Tests")]
[assembly: InternalsVisibleTo("Dispatcher.PowerShell.Tests.NetStandard")]
