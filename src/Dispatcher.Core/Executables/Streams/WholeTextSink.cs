using System;
using System.Text;

namespace Dispatching;

/// <summary>Hands on all text in one piece, line ends included.</summary>
internal sealed class WholeTextSink : TextSink
{
    private readonly Action<string> _onText;
    private readonly Action _onLarge;
    private readonly StringBuilder _text = new();

    internal WholeTextSink(Encoding encoding, Action<string> onText, Action onLarge)
        : base(encoding)
    {
        _onText = onText;
        _onLarge = onLarge;
    }

    private protected override void OnText(char[] text, int start, int end)
    {
        bool wasLarge = _text.Length > TaskOutput.LargeText;
        _text.Append(text, start, end - start);
        if (!wasLarge && _text.Length > TaskOutput.LargeText)
        {
            _onLarge();
        }
    }

    private protected override void OnEnd() => _onText(_text.ToString());
}
