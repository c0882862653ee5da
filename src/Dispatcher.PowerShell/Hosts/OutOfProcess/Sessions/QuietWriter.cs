using System;
using System.IO;
using System.Management.Automation.Runspaces;
using System.Reflection;
using System.Text;

namespace Dispatching.PowerShell;

/// <summary>
/// Stands before the writer of a session that the engine itself has opened over the streams of a process. Once that has gone,
/// the engine writes what it still has, up to a minute later and on threads where an exception would end this process: it is
/// dropped instead.
/// </summary>
internal sealed class QuietWriter : TextWriter
{
    private const BindingFlags Any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    private readonly TextWriter _writer;

    internal QuietWriter(TextWriter writer)
        : base(writer.FormatProvider) => _writer = writer;

    /// <inheritdoc/>
    public override Encoding Encoding => _writer.Encoding;

    /// <summary>Puts one before the writer of a session. Sessions of other kinds, and of engines that have none there, stay as they are.</summary>
    /// <returns>Whether there is one now.</returns>
    internal static bool PutBefore(Runspace session)
    {
        try
        {
            object? handler = Get(Get(Get(session, "RunspacePool"), "RemoteRunspacePoolInternal"), "DataStructureHandler");
            object? transport = Get(handler, "TransportManager");
            object? messages = FindField(transport?.GetType(), field => field.FieldType.Name.Equals("OutOfProcessTextWriter", StringComparison.Ordinal))?.GetValue(transport);
            FieldInfo? field = FindField(messages?.GetType(), field => field.FieldType == typeof(TextWriter));
            if (field?.GetValue(messages) is TextWriter writer and not QuietWriter)
            {
                // The engine disposes of the writer itself, which then writes what it still has.
                FieldInfo? stream = typeof(StreamWriter).GetField("_stream", Any);
                if (writer is StreamWriter own)
                {
                    stream?.SetValue(own, new QuietStream(own.BaseStream));
                }

                field.SetValue(messages, new QuietWriter(writer));
            }

            return field?.GetValue(messages) is QuietWriter;
        }
        catch (Exception e) when (e is TargetException or TargetInvocationException or AmbiguousMatchException or FieldAccessException or MethodAccessException or ArgumentException or NotSupportedException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public override void Write(char value) => QuietStream.Quietly(() => _writer.Write(value));

    /// <inheritdoc/>
    public override void Write(string? value) => QuietStream.Quietly(() => _writer.Write(value));

    /// <inheritdoc/>
    public override void WriteLine(string? value) => QuietStream.Quietly(() => _writer.WriteLine(value));

    /// <inheritdoc/>
    public override void Flush() => QuietStream.Quietly(_writer.Flush);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            QuietStream.Quietly(_writer.Dispose);
        }

        base.Dispose(disposing);
    }

    private static object? Get(object? from, string property) => from?.GetType().GetProperty(property, Any)?.GetValue(from);

    // Private fields are those of one type, not of its bases.
    private static FieldInfo? FindField(Type? type, Predicate<FieldInfo> isWanted)
    {
        FieldInfo? field = null;
        for (; type is not null && field is null; type = type.BaseType)
        {
            field = Array.Find(type.GetFields(Any | BindingFlags.DeclaredOnly), isWanted);
        }

        return field;
    }
}
