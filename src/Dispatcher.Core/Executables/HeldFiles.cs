using System;
using System.Globalization;
using System.IO;

namespace Dispatching;

/// <summary>
/// Where an attempt writes after which another may follow: files beside those that it is to write. They take their place only
/// if the attempt is kept, so that one that is tried again leaves nothing.
/// </summary>
internal sealed class HeldFiles
{
    private readonly string? _output;
    private readonly string? _error;
    private readonly bool _appends;

    internal HeldFiles(TaskContext attempt, string? output, string? error, bool appends)
    {
        _output = output;
        _error = error;
        _appends = appends;
        OutputPath = Hold(output, attempt);
        ErrorPath = Hold(error, attempt);
    }

    internal string? OutputPath { get; }

    internal string? ErrorPath { get; }

    /// <summary>Moves what was written to where it belongs, or deletes it.</summary>
    internal void Settle(bool isKept)
    {
        Settle(OutputPath, _output, isKept);
        if (!string.Equals(_output, _error, StringComparison.Ordinal))
        {
            Settle(ErrorPath, _error, isKept);
        }
    }

    // A device or a pipe has no place beside it, and what was written to it cannot be taken back anyway.
    private static string? Hold(string? path, TaskContext attempt) => path is null || IsSpecial(path)
        ? path
        : string.Format(CultureInfo.InvariantCulture, "{0}.task{1}-{2}.tmp", path, attempt.Task.Id, attempt.Attempt);

    private static bool IsSpecial(string path)
    {
        try
        {
            return File.Exists(path) && (File.GetAttributes(path).HasFlag(FileAttributes.Device) || File.GetAttributes(path).HasFlag(FileAttributes.ReparsePoint));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    private void Settle(string? held, string? path, bool isKept)
    {
        if (held is null || path is null || string.Equals(held, path, StringComparison.Ordinal) || !File.Exists(held))
        {
            return;
        }

        try
        {
            if (isKept)
            {
                // Copied, and not moved: the file that is there keeps its owner and its rights.
                using var source = new FileStream(held, FileMode.Open, FileAccess.Read);
                using var target = new FileStream(path, _appends ? FileMode.Append : FileMode.Create, FileAccess.Write, FileShare.ReadWrite);
                source.CopyTo(target);
            }
        }
        finally
        {
            File.Delete(held);
        }
    }
}
