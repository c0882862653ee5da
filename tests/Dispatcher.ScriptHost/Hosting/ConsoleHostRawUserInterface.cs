using System;
using System.IO;
using System.Management.Automation;
using System.Management.Automation.Host;

namespace Dispatching.ScriptHost;

/// <summary>The width of the console, which formatting needs, and nothing that moves a cursor.</summary>
internal sealed class ConsoleHostRawUserInterface : PSHostRawUserInterface
{
    /// <summary>The colours that stand for the terminal's own.</summary>
    public const ConsoleColor Foreground = ConsoleColor.Gray;

    /// <inheritdoc cref="Foreground"/>
    public const ConsoleColor Background = ConsoleColor.Black;

    private static readonly Size s_fallback = new(80, 24);

    public override ConsoleColor ForegroundColor { get; set; } = Foreground;

    public override ConsoleColor BackgroundColor { get; set; } = Background;

    public override Size BufferSize
    {
        get => ConsoleSize();
        set => throw NoScreen();
    }

    public override Size WindowSize
    {
        get => ConsoleSize();
        set => throw NoScreen();
    }

    public override Size MaxWindowSize => ConsoleSize();

    public override Size MaxPhysicalWindowSize => ConsoleSize();

    public override Coordinates CursorPosition
    {
        get => default;
        set => throw NoScreen();
    }

    public override Coordinates WindowPosition
    {
        get => default;
        set => throw NoScreen();
    }

    public override int CursorSize { get; set; } = 25;

    public override string WindowTitle { get; set; } = string.Empty;

    public override bool KeyAvailable => false;

    public override KeyInfo ReadKey(ReadKeyOptions options) => throw NoScreen();

    public override void FlushInputBuffer()
    {
        // There is no input to forget.
    }

    public override BufferCell[,] GetBufferContents(Rectangle rectangle) => throw NoScreen();

    public override void ScrollBufferContents(Rectangle source, Coordinates destination, Rectangle clip, BufferCell fill) => throw NoScreen();

    public override void SetBufferContents(Coordinates origin, BufferCell[,] contents) => throw NoScreen();

    public override void SetBufferContents(Rectangle rectangle, BufferCell fill) => throw NoScreen();

    private static PSNotSupportedException NoScreen() => new("This host writes lines; it has no screen and no keys.");

    private static Size ConsoleSize()
    {
        try
        {
            return Console.WindowWidth > 0 ? new Size(Console.WindowWidth, Console.WindowHeight) : s_fallback;
        }
        catch (IOException)
        {
            // Windows: no console is attached.
            return s_fallback;
        }
    }
}
