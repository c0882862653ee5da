using System;
using System.IO;
using System.Runtime.InteropServices;
using System.Text;

namespace Dispatching;

/// <summary>The arguments and the environment of a process in the form that the system takes, pinned until disposed of.</summary>
internal sealed class NativeStrings : IDisposable
{
    private readonly EnvironmentBlock _block;
    private GCHandle _own;
    private GCHandle _shared;

    /// <exception cref="ArgumentException">A text has a zero character in it, which the system takes for its end.</exception>
    internal NativeStrings(ProcessPlan plan)
    {
        _block = plan.Options.Block;
        using var text = new MemoryStream();
        var offsets = new int[plan.Arguments.Count + 1];
        Append(text, plan.FilePath);
        for (int i = 0; i < plan.Arguments.Count; i++)
        {
            offsets[i + 1] = (int)text.Length;
            Append(text, plan.Arguments[i]);
        }

        int markerOffset = (int)text.Length;
        Append(text, plan.Marker + "=1");
        _own = GCHandle.Alloc(text.ToArray(), GCHandleType.Pinned);
        _shared = GCHandle.Alloc(_block.Text, GCHandleType.Pinned);
        Arguments = Point(_own, offsets, spare: 1);
        Environment = Point(_shared, _block.Offsets, spare: 2);
        Environment[_block.Offsets.Length] = _own.AddrOfPinnedObject() + markerOffset;
    }

    /// <summary>Pointers to the arguments, the program's name first, and a null pointer.</summary>
    internal IntPtr[] Arguments { get; }

    /// <summary>Pointers to the variables, and a null pointer.</summary>
    internal IntPtr[] Environment { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        _own.Free();
        _shared.Free();
    }

    private static IntPtr[] Point(GCHandle text, int[] offsets, int spare)
    {
        IntPtr start = text.AddrOfPinnedObject();
        var pointers = new IntPtr[offsets.Length + spare];
        for (int i = 0; i < offsets.Length; i++)
        {
            pointers[i] = start + offsets[i];
        }

        return pointers;
    }

    private static void Append(MemoryStream buffer, string text)
    {
        if (ProgramCheck.HasNull(text))
        {
            throw new ArgumentException("An argument has a zero character in it, which no program can be given.", nameof(text));
        }

        byte[] bytes = NativeText.Terminated(text);
        buffer.Write(bytes, 0, bytes.Length);
    }
}
