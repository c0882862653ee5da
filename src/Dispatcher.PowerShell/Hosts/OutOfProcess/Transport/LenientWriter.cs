using System;
using System.IO;
using System.Text;

namespace Dispatching.PowerShell;

/// <summary>
/// Writes to the standard input of a child process, and drops what that does not take any more: its end is noticed elsewhere, and
/// an exception on the engine's threads would end this process.
/// </summary>
internal sealed class LenientWriter : TextWriter
{
    private readonly TextWriter _writer;

    internal LenientWriter(Stream stream) => _writer = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = false, NewLine = "\n" };

    /// <inheritdoc/>
    public override Encoding Encoding => _writer.Encoding;

    /// <inheritdoc/>
    public override void Write(char value) => Guard(() => _writer.Write(value));

    /// <inheritdoc/>
    public override void Write(string? value) => Guard(() => _writer.Write(value));

    /// <inheritdoc/>
    public override void Write(char[] buffer, int index, int count) => Guard(() => _writer.Write(buffer, index, count));

    /// <inheritdoc/>
    public override void WriteLine(string? value) => Guard(() =>
    {
        _writer.Write(value);
        _writer.Write('\n');
        _writer.Flush();
    });

    /// <inheritdoc/>
    public override void Flush() => Guard(_writer.Flush);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        // Closing the stream of a broken pipe would write what is left of the buffer; the process closes it.
        base.Dispose(disposing);
    }

    private static void Guard(Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // Nobody reads any more.
        }
    }
}
