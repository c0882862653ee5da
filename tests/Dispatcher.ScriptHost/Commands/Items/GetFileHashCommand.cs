using System;
using System.IO;
using System.Management.Automation;
using System.Security.Cryptography;

namespace Microsoft.PowerShell.Commands;

[Cmdlet(VerbsCommon.Get, "FileHash", DefaultParameterSetName = PathSet)]
public sealed class GetFileHashCommand : PathCommand
{
    [Parameter(Position = 1)]
    [ValidateSet("SHA1", "SHA256", "SHA384", "SHA512", "MD5")]
    public string Algorithm { get; set; } = "SHA256";

    protected override void ProcessPath(string path)
    {
        try
        {
            foreach (string file in FilePaths(path))
            {
                WriteHash(file);
            }
        }
        catch (ItemNotFoundException problem)
        {
            WriteError(new ErrorRecord(problem, "FileNotFound", ErrorCategory.ObjectNotFound, path));
        }
    }

    private void WriteHash(string file)
    {
        try
        {
            string algorithm = Algorithm.ToUpperInvariant();
            using FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            string hash = Convert.ToHexString(CryptographicOperations.HashData(new HashAlgorithmName(algorithm), stream));
            WriteObject(new FileHashInfo { Algorithm = algorithm, Hash = hash, Path = file });
        }
        catch (FileNotFoundException problem)
        {
            WriteError(new ErrorRecord(problem, "FileNotFound", ErrorCategory.ObjectNotFound, file));
        }
        catch (UnauthorizedAccessException problem)
        {
            WriteError(new ErrorRecord(problem, "UnauthorizedAccessError", ErrorCategory.InvalidData, file));
        }
        catch (IOException problem)
        {
            WriteError(new ErrorRecord(problem, "FileReadError", ErrorCategory.ReadError, file));
        }
    }
}
