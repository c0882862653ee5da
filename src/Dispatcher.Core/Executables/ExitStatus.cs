using System.Globalization;
using System.Runtime.InteropServices;

namespace Dispatching;

/// <summary>How a process ended.</summary>
/// <param name="Code">Its exit code; 128 and the signal's number where a signal ended it.</param>
/// <param name="Signal">The signal; <see langword="null"/> if there was none, or nobody knows.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ExitStatus(int Code, int? Signal)
{
    private const int SignalBase = 128;

    // By number, as on Linux for all architectures but MIPS and SPARC; the ones that differ on macOS are left out there.
    private static readonly string[] s_names =
    [
        "", "SIGHUP", "SIGINT", "SIGQUIT", "SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS", "SIGFPE", "SIGKILL", "SIGUSR1", "SIGSEGV",
        "SIGUSR2", "SIGPIPE", "SIGALRM", "SIGTERM", "SIGSTKFLT", "SIGCHLD", "SIGCONT", "SIGSTOP", "SIGTSTP", "SIGTTIN",
        "SIGTTOU", "SIGURG", "SIGXCPU", "SIGXFSZ", "SIGVTALRM", "SIGPROF", "SIGWINCH", "SIGIO", "SIGPWR", "SIGSYS",
    ];

    /// <summary>From what wait(2) tells.</summary>
    internal static ExitStatus FromWait(int status)
    {
        int signal = status & 0x7F;
        return signal == 0 ? new ExitStatus((status >> 8) & 0xFF, Signal: null) : new ExitStatus(SignalBase + signal, signal);
    }

    /// <summary>For people, to follow the name of the program.</summary>
    internal string Describe()
    {
        if (Signal is { } signal)
        {
            return string.Format(CultureInfo.InvariantCulture, "was ended by signal {0} (exit code {1})", Name(signal), Code);
        }

        // Where only the code is known, a shell's way to pass on a signal and an exit with that number look the same.
        return Code > SignalBase && Code < SignalBase + s_names.Length && !RuntimeInformation.IsOSPlatform(OSPlatform.Windows)
            ? string.Format(CultureInfo.InvariantCulture, "ended with exit code {0} (which often means signal {1})", Code, Name(Code - SignalBase))
            : string.Format(CultureInfo.InvariantCulture, "ended with exit code {0}", Code);
    }

    private static string Name(int signal)
    {
        bool isKnown = signal > 0 && signal < s_names.Length && (RuntimeInformation.IsOSPlatform(OSPlatform.Linux) || signal is < 7 or 8 or 9 or 11 or 13 or 14 or 15);
        return isKnown
            ? string.Format(CultureInfo.InvariantCulture, "{0} ({1})", s_names[signal], signal)
            : signal.ToString(CultureInfo.InvariantCulture);
    }
}
