namespace Dispatching;

/// <summary>How the waits between the attempts of a task grow. d is <see cref="TaskOptions.RetryDelay"/>.</summary>
public enum RetryBackoff
{
    /// <summary>Each wait is d.</summary>
    Constant = 0,

    /// <summary>The waits are d, 2 d, 3 d and so on.</summary>
    Linear = 1,

    /// <summary>The waits are d, 2 d, 4 d, 8 d and so on.</summary>
    Exponential = 2,
}
