using System;
using System.Text;

namespace Dispatching;

/// <summary>Hands on all text in one piece, line ends included.</summary>
internal sealed class WholeTextSink : TextSink
{
    private readonly Action<string> _onText;
    private readonly StringBuilder _text = new();

    internal WholeTextSink(Encoding encoding, Action<string> onText)
        : base(encoding) => _onText = onText;

    private protected override void OnText(char[] text, int start, int end) => _text.Append(text, start, end - start);

    private protected override void OnEnd() => _onText(_text.ToString());
}
