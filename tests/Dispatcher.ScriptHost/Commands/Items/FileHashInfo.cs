namespace Microsoft.PowerShell.Commands;

/// <summary>The result of Get-FileHash.</summary>
public sealed class FileHashInfo
{
    public required string Algorithm { get; set; }

    public required string Hash { get; set; }

    public required string Path { get; set; }
}
