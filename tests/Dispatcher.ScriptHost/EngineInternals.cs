using System;
using System.IO;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Reflection;

namespace Dispatching.ScriptHost;

/// <summary>
/// What pwsh's own host and modules may do with the engine and others may not: everything here that is
/// reached by reflection is a friend's privilege there.
/// </summary>
internal static class EngineInternals
{
    private const BindingFlags Hidden = BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public;
    private const string FormatNamespace = "Microsoft.PowerShell.Commands.Internal.Format.";

    private static readonly Assembly s_engine = typeof(PSObject).Assembly;

    /// <summary>Makes <c>exit</c> in the next script reach the host rather than end at the script's caller.</summary>
    public static void LetExitReachHost(Runspace runspace)
    {
        object context = Property(typeof(Runspace), "ExecutionContext").GetValue(runspace)
            ?? throw new InvalidOperationException("The runspace is not open.");
        Property(context.GetType(), "ScriptCommandProcessorShouldRethrowExit").SetValue(context, true);
    }

    /// <summary>Ends the commands before <paramref name="cmdlet"/> in its pipeline; the caller throws it.</summary>
    public static Exception StopUpstream(Cmdlet cmdlet) =>
        (Exception)Create("System.Management.Automation.StopUpstreamCommandsException", cmdlet);

    /// <summary>Attributes <paramref name="error"/> to <paramref name="invocation"/> rather than to the cmdlet that writes it.</summary>
    public static void Attribute(ErrorRecord error, InvocationInfo invocation)
    {
        Method(typeof(ErrorRecord), "SetInvocationInfo").Invoke(error, [invocation]);
        Property(typeof(ErrorRecord), "PreserveInvocationInfoOnce").SetValue(error, true);
    }

    /// <summary>Gives a formatting cmdlet the engine's formatter for <paramref name="shape"/>.</summary>
    public static void UseFormatter(object cmdlet, string shape)
    {
        object value = Enum.Parse(Type(FormatNamespace + "FormatShape"), shape);
        SetImplementation(cmdlet, Create(FormatNamespace + "InnerFormatShapeCommand", value));
    }

    /// <summary>Makes a formatting cmdlet write its lines to <paramref name="writer"/>.</summary>
    public static void UseWriter(object cmdlet, TextWriter writer, int width)
    {
        object manager = Create(FormatNamespace + "OutputManagerInner");
        Property(manager.GetType(), "LineOutput").SetValue(manager, Create(FormatNamespace + "TextWriterLineOutput", writer, width));
        SetImplementation(cmdlet, manager);
    }

    private static void SetImplementation(object cmdlet, object implementation)
    {
        FieldInfo field = Type(FormatNamespace + "FrontEndCommandBase").GetField("implementation", Hidden) ?? throw Missing("implementation");
        field.SetValue(cmdlet, implementation);
    }

    private static object Create(string type, params object[] arguments) =>
        Activator.CreateInstance(Type(type), Hidden, binder: null, arguments, culture: null) ?? throw Missing(type);

    private static Type Type(string name) => s_engine.GetType(name) ?? throw Missing(name);

    private static PropertyInfo Property(Type type, string name) => type.GetProperty(name, Hidden) ?? throw Missing(name);

    private static MethodInfo Method(Type type, string name) => type.GetMethod(name, Hidden) ?? throw Missing(name);

    private static MissingMemberException Missing(string name) =>
        new($"The engine {s_engine.GetName().Version} has no '{name}'.");
}
