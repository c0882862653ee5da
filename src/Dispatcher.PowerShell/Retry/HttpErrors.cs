using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>
/// What an error of a web request says: its status, and how long the server asks to wait (Retry-After, RFC 9110, 10.2.3). The errors
/// of both engines and of their web libraries are read by the names of their properties.
/// </summary>
internal static class HttpErrors
{
    /// <summary>The HTTP status; <see langword="null"/> for an error without.</summary>
    internal static int? GetStatus(Exception error)
    {
        foreach (Exception one in Chain(error))
        {
            if (one is RemoteTaskException { Fault.Status: { } remote })
            {
                return remote;
            }

            if (ToStatus(Get(Get(one, "Response"), "StatusCode") ?? Get(one, "StatusCode")) is { } status)
            {
                return status;
            }
        }

        return null;
    }

    /// <summary>How long the server asks to wait; <see langword="null"/> where it does not say.</summary>
    /// <param name="error">The error.</param>
    /// <param name="now">The time, for a server that says until when.</param>
    internal static TimeSpan? GetRetryAfter(Exception error, DateTimeOffset now)
    {
        foreach (Exception one in Chain(error))
        {
            if (one is RemoteTaskException { Fault.RetryAfter: { } remote })
            {
                return remote;
            }

            object? headers = Get(Get(one, "Response"), "Headers");
            object? value = Get(headers, "RetryAfter");
            if (Get(value, "Delta") is TimeSpan delta)
            {
                return delta;
            }

            if (Get(value, "Date") is DateTimeOffset date)
            {
                return date > now ? date - now : TimeSpan.Zero;
            }

            // .NET Framework: a collection of texts.
            if (headers is System.Net.WebHeaderCollection texts && Parse(texts["Retry-After"], now) is { } parsed)
            {
                return parsed;
            }
        }

        return null;
    }

    /// <summary>An exception and those inside it, those of error records included.</summary>
    internal static IEnumerable<Exception> Chain(Exception error)
    {
        for (Exception? one = error; one is not null; one = one.InnerException)
        {
            yield return one;
            if (one is IContainsErrorRecord { ErrorRecord.Exception: { } recorded } && !ReferenceEquals(recorded, one) && !ReferenceEquals(recorded, one.InnerException))
            {
                foreach (Exception inner in Chain(recorded).Take(10))
                {
                    yield return inner;
                }
            }
        }
    }

    private static TimeSpan? Parse(string? text, DateTimeOffset now) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int seconds) ? TimeSpan.FromSeconds(seconds)
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset date) ? (date > now ? date - now : TimeSpan.Zero)
        : null;

    private static int? ToStatus(object? value) => value is Enum or int && Convert.ToInt32(value, CultureInfo.InvariantCulture) is > 0 and var status ? status : null;

    private static object? Get(object? target, string property)
    {
        try
        {
            return target?.GetType().GetProperty(property)?.GetValue(target);
        }
        catch (Exception)
        {
            // A property of somebody else's exception may throw, or be there twice.
            return null;
        }
    }
}
