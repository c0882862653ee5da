using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using System.Threading;

namespace Dispatching;

/// <summary>
/// Collects what one attempt writes, as text for the journal, up to a limit. Objects become text some at a time: each as it
/// is when it is written, or soon after. Safe to use from any thread.
/// </summary>
internal sealed class OutputBuffer
{
    private const int ObjectsAtOnce = 64;

    private readonly object _lock = new();
    private readonly IOutputSerializer? _serializer;
    private readonly long _limit;
    private readonly StringBuilder _text = new();
    private readonly List<object?> _objects = [];

    internal OutputBuffer(IOutputSerializer? serializer, long limit)
    {
        _serializer = serializer;
        _limit = limit;
    }

    /// <summary>Why nothing is kept; <see langword="null"/> while it is.</summary>
    internal string? Omission { get; private set; }

    internal void Add(object? value)
    {
        InterruptSafe.Enter(_lock);
        try
        {
            if (Omission is not null)
            {
                return;
            }

            value = _serializer is null ? value : _serializer.Unwrap(value);
            int before = _text.Length;
            if (_objects.Count == 0 && OutputText.TryAppend(_text, value))
            {
                CheckLimit();
                return;
            }

            _text.Length = before;
            _objects.Add(value);
            if (_objects.Count >= ObjectsAtOnce)
            {
                Serialize();
            }
        }
        finally
        {
            Monitor.Exit(_lock);
        }
    }

    /// <summary>All of it, once it is complete; <see langword="null"/> where it is not kept.</summary>
    internal string? Text { get; private set; }

    /// <summary>Nothing more comes. What is still to become text does so now: that runs code of the objects.</summary>
    internal void Complete()
    {
        InterruptSafe.Enter(_lock);
        try
        {
            Serialize();
            string text = _text.ToString();
            if (Omission is null && Encoding.UTF8.GetByteCount(text) > _limit)
            {
                OmitTooLarge();
            }

            Text = Omission is null ? text : null;
        }
        finally
        {
            Monitor.Exit(_lock);
        }
    }

    private void Serialize()
    {
        if (_objects.Count == 0 || Omission is not null)
        {
            return;
        }

        try
        {
            if (_serializer is null)
            {
                Omit("it has objects, and there is nothing that makes text of them");
                return;
            }

            OutputText.AppendSerialized(_text, _serializer.Serialize([.. _objects]));
            _objects.Clear();
            CheckLimit();
        }
        catch (Exception e) when (e is not (OutOfMemoryException or ThreadInterruptedException))
        {
            // Properties of users' objects may throw whatever they like.
            Omit("it could not be made text: " + e.Message);
        }
    }

    private void CheckLimit()
    {
        if (_text.Length > _limit)
        {
            OmitTooLarge();
        }
    }

    private void OmitTooLarge() => Omit("it is larger than the limit of " + _limit.ToString(CultureInfo.InvariantCulture) + " bytes");

    private void Omit(string reason)
    {
        Omission = reason;
        _objects.Clear();
        _text.Clear();
        _text.Capacity = 0;
    }
}
