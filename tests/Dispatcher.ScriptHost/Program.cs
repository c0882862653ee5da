using System;
using System.Text;

namespace Dispatching.ScriptHost;

internal static class Program
{
    private const int UsageError = 64;

    private static int Main(string[] args)
    {
        Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        if (!CommandLine.TryParse(args, out CommandLine? commandLine, out string? problem))
        {
            Console.Error.WriteLine(problem);
            Console.Error.WriteLine(CommandLine.Usage);
            return UsageError;
        }

        string? moduleRoot = ModulePath.FindStagedModules();
        if (moduleRoot is null)
        {
            Console.Error.WriteLine("The staged module was not found; build src/Dispatcher.PowerShell first.");
            return UsageError;
        }

        EngineEnvironment.Prepare(ModulePath.StandIns, moduleRoot);
        using ScriptRunner runner = new(new ConsoleHost());
        Console.CancelKeyPress += (_, e) => e.Cancel = runner.TryStop();
        return runner.Run(commandLine);
    }
}
