using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;

namespace Dispatching;

/// <summary>
/// What keeps a program from starting, as far as it can be told beforehand: before its files are opened, since an existing
/// one would be emptied for nothing, and in words that say more than the system's own.
/// </summary>
internal static class ProgramCheck
{
    // Of one argument or variable, its closing zero included (MAX_ARG_STRLEN, execve(2)).
    private const int LongestArgument = 128 * 1024;
    private const int HeadSize = 256;
    private const string Formats = "/proc/sys/fs/binfmt_misc";

    private static readonly byte[] s_elf = [0x7F, (byte)'E', (byte)'L', (byte)'F'];

    // Mach-O in both byte orders, for 32 and 64 bits, and several in one file.
    private static readonly uint[] s_machO = [0xFEEDFACE, 0xFEEDFACF, 0xCEFAEDFE, 0xCFFAEDFE, 0xCAFEBABE, 0xBEBAFECA];

    /// <exception cref="ArgumentException">A text has a null character, which the system takes for its end, or is too long.</exception>
    /// <exception cref="IOException">The program cannot be run, or its folder is not there.</exception>
    internal static void Check(ProcessPlan plan)
    {
        CheckText(plan);
        if (plan.Options.WorkingDirectory is { } folder && !Directory.Exists(folder))
        {
            throw new DirectoryNotFoundException("There is no such folder.");
        }

        bool isPath = Path.GetFileName(plan.FilePath).Length < plan.FilePath.Length;
        if (isPath && !RuntimeInformation.IsOSPlatform(OSPlatform.Windows) && FindFault(Path.GetFullPath(plan.FilePath)) is { } fault)
        {
            throw new IOException(fault);
        }
    }

    /// <summary>What keeps a file from being run on Unix, as a sentence; <see langword="null"/> if nothing is known to.</summary>
    internal static string? FindFault(string path)
    {
        if (Directory.Exists(path))
        {
            return "It is a folder. Give the path of a program.";
        }

        if (!File.Exists(path))
        {
            return "There is no such file.";
        }

        if (!LinuxNative.IsExecutable(path))
        {
            return "It may not be run. Make it executable (chmod +x), or run its interpreter and give it the file as an argument.";
        }

        return ReadHead(path) is { } head ? FindFault(head) : null;
    }

    private static void CheckText(ProcessPlan plan)
    {
        bool isLinux = RuntimeInformation.IsOSPlatform(OSPlatform.Linux);
        int number = 0;
        foreach (string argument in plan.Arguments)
        {
            number++;
            if (HasNull(argument))
            {
                throw new ArgumentException("Argument " + number + " holds a null character, which no program can be given.");
            }

            if (isLinux && argument.Length >= LongestArgument / 3 && Encoding.UTF8.GetByteCount(argument) >= LongestArgument)
            {
                throw new ArgumentException("Argument " + number + " is longer than the 128 KiB that the system can pass on. Give it as standard input, or in a file.");
            }
        }

        if (new[] { plan.FilePath, plan.Options.WorkingDirectory, plan.OutputFile, plan.ErrorFile }.Any(text => text is not null && HasNull(text)))
        {
            throw new ArgumentException("A path holds a null character, which no path can.");
        }
    }

    internal static bool HasNull(string text) => text.IndexOfAny(['\0']) >= 0;

    private static string? FindFault(byte[] head)
    {
        if (head.Length >= 2 && head[0] == '#' && head[1] == '!')
        {
            string interpreter = FirstWord(Encoding.UTF8.GetString(head, 2, head.Length - 2));
            return interpreter.Length == 0 || interpreter[0] != '/' || IsRunnable(interpreter)
                ? null
                : "Its first line names the interpreter '" + interpreter.Replace("\r", "`r") + "', which " + (interpreter[interpreter.Length - 1] == '\r'
                    ? "ends with a carriage return. Save the script with the line ends of Unix."
                    : "does not exist or may not be run.");
        }

        bool isKnown = Starts(head, s_elf) || (head.Length >= sizeof(uint) && s_machO.Contains(BitConverter.ToUInt32(head, 0)));
        return isKnown || HasOtherFormats()
            ? null
            : "It is neither a program nor a script that names its interpreter in its first line ('#!/bin/sh'). Add such a line, or run its interpreter and give it the file as an argument.";
    }

    private static bool IsRunnable(string path) => File.Exists(path) && LinuxNative.IsExecutable(path);

    private static string FirstWord(string text)
    {
        string line = text.Split('\n')[0].Trim(' ', '\t');
        int end = line.IndexOfAny([' ', '\t']);
        return end < 0 ? line : line.Substring(0, end);
    }

    private static bool Starts(byte[] head, byte[] with) => head.Length >= with.Length && head.Take(with.Length).SequenceEqual(with);

    /// <summary>Whether the system may know how to run files of other formats, as it does where Wine or QEMU are set up.</summary>
    private static bool HasOtherFormats()
    {
        try
        {
            IEnumerable<string> entries = Directory.EnumerateFiles(Formats).Select(path => Path.GetFileName(path)!);
            return entries.Any(name => name is not ("register" or "status"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>The first bytes of a file; <see langword="null"/> if it may be run but not read.</summary>
    private static byte[]? ReadHead(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1);
            var head = new byte[HeadSize];
            int count = file.Read(head, 0, head.Length);
            Array.Resize(ref head, count);
            return head;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
