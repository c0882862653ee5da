namespace Dispatching.Benchmarks;

/// <summary>One line of the table.</summary>
/// <param name="What">What was measured.</param>
/// <param name="Ours">The dispatcher's figure, with its unit.</param>
/// <param name="Against">What it is compared with.</param>
/// <param name="Peer">That one's figure, with its unit.</param>
/// <param name="Ratio">How the two compare, or the figure itself where there is no peer.</param>
/// <param name="Target">What the ratio is to be.</param>
/// <param name="IsMet">Whether it is.</param>
internal sealed record Row(string What, string Ours, string Against, string Peer, string Ratio, string Target, bool IsMet);
