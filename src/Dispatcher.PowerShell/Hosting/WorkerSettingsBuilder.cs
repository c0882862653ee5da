using System;
using System.Collections;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace Dispatching.PowerShell;

/// <summary>Makes <see cref="WorkerSettings"/> of what a cmdlet was given, in the session of its caller.</summary>
internal static class WorkerSettingsBuilder
{
    private static readonly Version s_noVersion = new(0, 0);

    /// <exception cref="RuntimeException">Something named is not there, or cannot be brought to another runspace.</exception>
    internal static WorkerSettings Build(PSCmdlet caller, IWorkerParameters parameters) => new()
    {
        LanguageMode = LanguageModes.Strictest(
            caller.SessionState.LanguageMode, LanguageModes.Of(parameters.InitializationScript), LanguageModes.Of(parameters.CleanupScript)),
        Modules = [.. (parameters.Module ?? []).Select(module => FindModule(caller, module))],
        Functions = (parameters.Function ?? []).SelectMany(name => FindFunctions(caller, name))
            .GroupBy(function => function.Name, StringComparer.OrdinalIgnoreCase)
            .ToDictionary(group => group.Key, group => GetText(group.First()), StringComparer.OrdinalIgnoreCase),
        Variables = FindVariables(caller, parameters.Variable ?? []),
        Initialization = parameters.InitializationScript is { } initialization ? new PreparedScript(initialization, caller) : null,
        Cleanup = parameters.CleanupScript is { } cleanup ? new PreparedScript(cleanup, caller) : null,
        ResetState = parameters.ResetState,
    };

    private static string FindModule(PSCmdlet caller, object module)
    {
        object value = module is PSObject wrapped ? wrapped.BaseObject : module;
        if (value is PSModuleInfo info)
        {
            // Path is the root module's, and leaves out what the manifest says. Only a manifest gives a script module a version.
            string manifest = Path.Combine(info.ModuleBase, info.Name + ".psd1");
            if (info.Version > s_noVersion && File.Exists(manifest))
            {
                return manifest;
            }

            return File.Exists(info.Path)
                ? info.Path
                : throw new RuntimeException("Module '" + info.Name + "' cannot be brought to the workers: it was made in memory, and has no file to import it from.");
        }

        if (value is IEnumerable and not string)
        {
            throw new RuntimeException("-Module takes names, paths and module objects, and '" + value + "' is none of them.");
        }

        string name = value.ToString() ?? string.Empty;
        if (name.IndexOfAny(['/', '\\', ':']) < 0)
        {
            return name;
        }

        string path = FilePaths.Resolve(caller.SessionState, "Module", name);
        return File.Exists(path) || Directory.Exists(path)
            ? path
            : throw new RuntimeException("There is no module at '" + path + "' for -Module to import.");
    }

    private static FunctionInfo[] FindFunctions(PSCmdlet caller, string name)
    {
        FunctionInfo[] Find(bool isPattern) => [.. caller.InvokeCommand.GetCommands(name, CommandTypes.Function | CommandTypes.Filter, isPattern).OfType<FunctionInfo>()];

        var pattern = new NamePattern(name);
        FunctionInfo[] found = pattern.IsAll ? [] : Find(isPattern: false);
        found = found.Length == 0 && pattern.IsValid ? Find(isPattern: true) : found;
        return found.Length > 0 || pattern.HasWildcards
            ? found
            : throw new RuntimeException("There is no function '" + name + "' in this session for -Function to bring to the workers." + pattern.Advice);
    }

    // The text of a filter does not say that it is one.
    private static string GetText(FunctionInfo function)
    {
        if (function.ScriptBlock.Ast is not FunctionDefinitionAst { IsFilter: true, Body: { ProcessBlock.Unnamed: true } body } filter)
        {
            return function.Definition;
        }

        string parameters = filter.Parameters is { Count: > 0 } own ? "param(" + string.Join(", ", own.Select(parameter => parameter.Extent.Text)) + ")" : string.Empty;
        string text = body.Extent.Text;
        int start = body.ParamBlock is { } block ? block.Extent.EndOffset - body.Extent.StartOffset : 1;
        return parameters + text.Substring(1, start - 1) + "process {" + text.Substring(start);
    }

    private static Dictionary<string, object?> FindVariables(PSCmdlet caller, IEnumerable<object> variables)
    {
        var found = new Dictionary<string, object?>(StringComparer.OrdinalIgnoreCase);
        foreach (object item in variables)
        {
            object value = item is PSObject wrapped ? wrapped.BaseObject : item;
            if (value is IDictionary table)
            {
                var names = new List<string>();
                foreach (DictionaryEntry entry in table)
                {
                    string name = LanguagePrimitives.ConvertTo<string>(entry.Key);
                    if (ParameterNames.Find(names, name) is { } problem)
                    {
                        throw new RuntimeException("-Variable " + problem);
                    }

                    names.Add(name);
                    found[name] = ForeignBlock.Carry(entry.Value, "Variable '" + name + "'");
                }
            }
            else
            {
                string name = (value.ToString() ?? string.Empty).TrimStart('$');
                PSVariable variable = caller.SessionState.PSVariable.Get(name)
                    ?? throw new RuntimeException("There is no variable '$" + name + "' in this session for -Variable to bring to the workers.");
                found[name] = ForeignBlock.Carry(variable.Value, "Variable '$" + name + "'");
            }
        }

        return found;
    }
}
