using System;
using System.IO;

namespace Dispatching;

/// <summary>What a new process does before it becomes the program: takes its streams, and its folder.</summary>
internal sealed class SpawnActions : IDisposable
{
    // The C libraries have 80 bytes and 336 bytes for the two structures; they keep what is larger elsewhere.
    private const int StructureSize = 1024;

    private readonly byte[] _actions = new byte[StructureSize];

    internal SpawnActions() => _ = LinuxNative.InitActions(_actions);

    /// <summary>
    /// Attributes of every process: a session of its own, which has no terminal to ask for a password and gets no Ctrl+C,
    /// no blocked signal, and the broken-pipe signal, which .NET ignores, at its default.
    /// </summary>
    internal static byte[] Attributes { get; } = CreateAttributes();

    internal void Duplicate(int file, int newFile) => Check(LinuxNative.AddDuplicate(_actions, file, newFile));

    internal void ChangeFolder(string folder) => Check(LinuxNative.AddChangeFolder(_actions, NativeText.Terminated(folder)));

    /// <exception cref="System.ComponentModel.Win32Exception">The process could not be made, or the program not be run.</exception>
    internal int Spawn(string filePath, NativeStrings strings)
    {
        byte[] path = NativeText.Terminated(filePath);
        int process;
        Check(Path.GetFileName(filePath).Length < filePath.Length
            ? LinuxNative.Spawn(out process, path, _actions, Attributes, strings.Arguments, strings.Environment)
            : LinuxNative.SpawnFromPath(out process, path, _actions, Attributes, strings.Arguments, strings.Environment));
        return process;
    }

    /// <inheritdoc/>
    public void Dispose() => _ = LinuxNative.DestroyActions(_actions);

    private static byte[] CreateAttributes()
    {
        var attributes = new byte[StructureSize];
        var signals = new byte[StructureSize];
        _ = LinuxNative.InitAttributes(attributes);
        _ = LinuxNative.SetFlags(attributes, LinuxNative.SpawnSetSession | LinuxNative.SpawnSetSignalDefaults | LinuxNative.SpawnSetSignalMask);
        _ = LinuxNative.EmptySignals(signals);
        _ = LinuxNative.SetSignalMask(attributes, signals);
        _ = LinuxNative.AddSignal(signals, LinuxNative.BrokenPipeSignal);
        _ = LinuxNative.SetSignalDefaults(attributes, signals);
        return attributes;
    }

    private static void Check(int error)
    {
        if (error != 0)
        {
            throw new System.ComponentModel.Win32Exception(error);
        }
    }
}
