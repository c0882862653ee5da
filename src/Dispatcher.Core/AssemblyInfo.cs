using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Dispatcher.PowerShell")]
