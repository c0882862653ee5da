namespace Dispatching;

/// <summary>The form in which the standard output of an executable becomes the output of its task.</summary>
public enum ExecutableOutput
{
    /// <summary>One string for each line, as they come. A line ends with LF, CR LF or CR.</summary>
    Lines = 0,

    /// <summary>One string of everything, line ends included, when the output has ended.</summary>
    Text = 1,

    /// <summary>One array of bytes, untouched, when the output has ended.</summary>
    Bytes = 2,
}
