using System.Text;

namespace Dispatching;

/// <summary>Decodes what it takes. A character may be spread over several writes; a byte order mark at the start is dropped.</summary>
internal abstract class TextSink : IOutputSink
{
    private const char ByteOrderMark = '\uFEFF';

    private readonly Decoder _decoder;
    private readonly Encoding _encoding;
    private char[] _chars = [];
    private bool _hasStarted;

    private protected TextSink(Encoding encoding)
    {
        _encoding = encoding;
        _decoder = encoding.GetDecoder();
    }

    public void Write(byte[] buffer, int count) => Decode(buffer, count, flush: false);

    public void Complete()
    {
        Decode([], 0, flush: true);
        OnEnd();
    }

    private protected abstract void OnText(char[] text, int start, int end);

    private protected abstract void OnEnd();

    private void Decode(byte[] buffer, int count, bool flush)
    {
        int most = _encoding.GetMaxCharCount(count);
        if (_chars.Length < most)
        {
            _chars = new char[most];
        }

        int length = _decoder.GetChars(buffer, 0, count, _chars, 0, flush);
        int start = 0;
        if (!_hasStarted && length > 0)
        {
            _hasStarted = true;
            start = _chars[0] == ByteOrderMark ? 1 : 0;
        }

        if (length > start)
        {
            OnText(_chars, start, length);
        }
    }
}
