using System;

namespace Dispatching;

/// <summary>What an <see cref="IRetryRule"/> has said about an attempt.</summary>
internal sealed record RetryVerdict(bool IsRetried, TimeSpan LeastDelay);
