using System;
using System.IO;
using System.Reflection;
using System.Management.Automation.Runspaces;

namespace Dispatching.PowerShell;

/// <summary>
/// Stands under the writer of a session that the engine itself has opened over a child process. Once that process has gone, the
/// engine writes what it still has on threads where an exception would end this process: it is dropped instead.
/// </summary>
internal sealed class QuietStream : Stream
{
    private const BindingFlags Any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    private readonly Stream _stream;

    internal QuietStream(Stream stream) => _stream = stream;

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Puts one under the writer of a session. Sessions of other kinds, and of engines that have none there, stay as they are.</summary>
    /// <returns>Whether there is one now.</returns>
    internal static bool PutUnder(Runspace session)
    {
        try
        {
            object? handler = Get(Get(Get(session, "RunspacePool"), "RemoteRunspacePoolInternal"), "DataStructureHandler");
            object? transport = Get(handler, "TransportManager");
            if (transport?.GetType().GetField("_stdInWriter", Any)?.GetValue(transport) is not StreamWriter writer)
            {
                return false;
            }

            if (writer.BaseStream is not QuietStream)
            {
                FieldInfo? field = typeof(StreamWriter).GetField("_stream", Any);
                field?.SetValue(writer, new QuietStream(writer.BaseStream));
            }

            return writer.BaseStream is QuietStream;
        }
        catch (Exception e) when (e is TargetException or TargetInvocationException or AmbiguousMatchException or FieldAccessException or MethodAccessException or ArgumentException or NotSupportedException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public override void Flush() => Quietly(_stream.Flush);

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Quietly(() => _stream.Write(buffer, offset, count));

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Quietly(_stream.Dispose);
        }

        base.Dispose(disposing);
    }

    private static object? Get(object? from, string property) => from?.GetType().GetProperty(property, Any)?.GetValue(from);

    private static void Quietly(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // Nobody reads any more, which is noticed elsewhere.
        }
    }
}
