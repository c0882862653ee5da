using System;
using System.Collections;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>Makes <see cref="WorkerSettings"/> of the parameters of a cmdlet, in the session of its caller.</summary>
internal static class WorkerSettingsBuilder
{
    private static readonly Version s_noVersion = new(0, 0);

    /// <exception cref="RuntimeException">Something that is named is not there, or cannot be brought to another runspace.</exception>
    internal static WorkerSettings Build(PSCmdlet caller, DispatcherParameters parameters)
    {
        // The scripts that set workers up run in them, so these have no more rights than the scripts have. Blocks and modules
        // of a stricter mode are refused.
        PSLanguageMode mode = LanguageModes.Strictest(
            caller.SessionState.LanguageMode, LanguageModes.Of(parameters.InitializationScript), LanguageModes.Of(parameters.CleanupScript));
        return new WorkerSettings
        {
            LanguageMode = mode,
            Modules = [.. (parameters.Module ?? []).Select(module => FindModule(caller, module, mode))],
            Functions = [.. (parameters.Function ?? []).SelectMany(name => FindFunctions(caller, name))
                .GroupBy(function => function.Name, StringComparer.OrdinalIgnoreCase)
                .Select(group => WorkerFunction.Create(group.First(), mode))],
            Variables = FindVariables(caller, parameters.Variable ?? [], mode),
            Initialization = parameters.InitializationScript is { } initialization ? new PreparedScript(initialization, "The initialization script", caller) : null,
            Cleanup = parameters.CleanupScript is { } cleanup ? new PreparedScript(cleanup, "The clean-up script", caller) : null,
            EngineVersion = GetEngineVersion(caller),
            ResetState = parameters.ResetState,
        };
    }

    private static string FindModule(PSCmdlet caller, object module, PSLanguageMode mode)
    {
        object value = PlainValue.Of(module);
        if (value is PSModuleInfo info)
        {
            if (LanguageModes.IsStricter(LanguageModes.Of(info), mode))
            {
                throw LanguageModes.Gains("Module '" + info.Name + "'", LanguageModes.Of(info), mode);
            }

            // Path is that of the root module; the manifest says more. Only a manifest gives a script module a version.
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

        string path = SessionPath.Resolve(caller.SessionState, name, "Module");
        return File.Exists(path) || Directory.Exists(path)
            ? path
            : throw new CallerErrorException(
                new FileNotFoundException("There is no module at '" + path + "' for -Module to import.", path), ErrorIds.ModuleNotFound, ErrorCategory.ResourceUnavailable, name);
    }

    private static FunctionInfo[] FindFunctions(PSCmdlet caller, string name)
    {
        FunctionInfo[] Find(bool isPattern) => [.. caller.InvokeCommand.GetCommands(name, CommandTypes.Function | CommandTypes.Filter, isPattern).OfType<FunctionInfo>()];

        var pattern = new NamePattern(name);
        FunctionInfo[] found = pattern.IsAll ? [] : Find(isPattern: false);
        found = found.Length == 0 && pattern.IsValid ? Find(isPattern: true) : found;
        if (pattern.HasWildcards)
        {
            // Functions such as C: have names that cannot be set, and each worker has them anyway.
            return Array.FindAll(found, function => WorkerFunction.IsPossible(function.Name));
        }

        return found.Length > 0
            ? found
            : throw new CallerErrorException(
                new CommandNotFoundException("There is no function '" + name + "' in this session for -Function to bring to the workers." + pattern.Advice) { CommandName = name },
                ErrorIds.FunctionNotFound,
                ErrorCategory.ObjectNotFound,
                name);
    }

    private static Version GetEngineVersion(PSCmdlet caller)
    {
        string text = (caller.SessionState.PSVariable.GetValue("PSVersionTable") as IDictionary)?["PSVersion"]?.ToString() ?? string.Empty;
        return Version.TryParse(text.Split('-')[0], out Version? version) ? version : s_noVersion;
    }

    private static Dictionary<string, object?> FindVariables(PSCmdlet caller, IEnumerable<object> variables, PSLanguageMode mode)
    {
        var found = new Dictionary<string, object?>(StringComparer.OrdinalIgnoreCase);
        foreach (object item in variables)
        {
            object value = PlainValue.Of(item);
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
                    Add(name, entry.Value);
                }
            }
            else
            {
                string name = (value.ToString() ?? string.Empty).TrimStart('$');
                string inWorker = VariableName.InWorker(name);
                PSVariable variable = VariableName.Find(caller, name) ?? throw new CallerErrorException(
                    new ItemNotFoundException("There is no variable '$" + name + "' in this session for -Variable to bring to the workers."),
                    ErrorIds.VariableNotFound,
                    ErrorCategory.ObjectNotFound,
                    name);
                Add(inWorker, variable.Value);
            }
        }

        return found;

        void Add(string name, object? value)
        {
            object? carried = CapturedScriptBlock.Carry(value, "Variable '$" + name.TrimStart('$') + "'");
            (carried as CapturedScriptBlock)?.Check(mode);
            found[VariableName.InWorker(name.TrimStart('$'))] = carried;
        }
    }
}
