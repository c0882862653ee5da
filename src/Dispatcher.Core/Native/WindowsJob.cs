using System;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Dispatching;

#pragma warning disable SYSLIB1054 // Source-generated P/Invoke needs unsafe code, and is not there for .NET Standard.

/// <summary>
/// A Windows job object: it holds a process and all that it starts, orphans included, and ends them together. What the
/// process starts before it is put in, in the moment after its own start, is outside. Source:
/// https://learn.microsoft.com/windows/win32/procthread/job-objects.
/// </summary>
internal sealed class WindowsJob : SafeHandleZeroOrMinusOneIsInvalid
{
    private const int BasicAccounting = 1;
    private const int ExtendedLimits = 9;
    private const uint KillOnClose = 0x2000;
    private const uint ExitCodeOfKilled = 1;

    public WindowsJob()
        : base(ownsHandle: true)
    {
    }

    /// <summary>Whether a process of the job is alive.</summary>
    internal bool HasProcesses =>
        QueryInformationJobObject(this, BasicAccounting, out AccountingInformation information, Marshal.SizeOf<AccountingInformation>(), IntPtr.Zero)
        && information.ActiveProcesses > 0;

    /// <summary>
    /// Puts a process that has just been started into a job of its own; <see langword="null"/> on other systems, and
    /// where the process has ended or may not be put into one.
    /// </summary>
    /// <param name="process">The process.</param>
    /// <param name="keepsChildren">Whether closing the job leaves its processes alive.</param>
    internal static WindowsJob? TryAssign(Process process, bool keepsChildren)
    {
        if (!RuntimeInformation.IsOSPlatform(OSPlatform.Windows))
        {
            return null;
        }

        WindowsJob job = CreateJobObject(IntPtr.Zero, name: null);
        if (job.IsInvalid)
        {
            job.Dispose();
            return null;
        }

        var limits = new ExtendedLimitInformation { LimitFlags = keepsChildren ? 0 : KillOnClose };
        try
        {
            if (SetInformationJobObject(job, ExtendedLimits, ref limits, Marshal.SizeOf<ExtendedLimitInformation>())
                && AssignProcessToJobObject(job, process.SafeHandle))
            {
                return job;
            }
        }
        catch (InvalidOperationException)
        {
            // It has ended already, and there is no handle to it any more.
        }

        job.Dispose();
        return null;
    }

    /// <summary>Ends all processes of the job at once.</summary>
    internal void Terminate()
    {
        if (!IsClosed)
        {
            _ = TerminateJobObject(this, ExitCodeOfKilled);
        }
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => CloseHandle(handle);

    [DllImport("kernel32.dll", EntryPoint = "CreateJobObjectW", CharSet = CharSet.Unicode, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern WindowsJob CreateJobObject(IntPtr attributes, string? name);

    [DllImport("kernel32.dll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static extern bool SetInformationJobObject(WindowsJob job, int kind, ref ExtendedLimitInformation information, int size);

    [DllImport("kernel32.dll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static extern bool QueryInformationJobObject(WindowsJob job, int kind, out AccountingInformation information, int size, IntPtr returnedSize);

    [DllImport("kernel32.dll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static extern bool AssignProcessToJobObject(WindowsJob job, SafeProcessHandle process);

    [DllImport("kernel32.dll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static extern bool TerminateJobObject(WindowsJob job, uint exitCode);

    [DllImport("kernel32.dll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static extern bool CloseHandle(IntPtr handle);

    // JOBOBJECT_BASIC_ACCOUNTING_INFORMATION
    [StructLayout(LayoutKind.Sequential)]
    private struct AccountingInformation
    {
        internal long TotalUserTime;
        internal long TotalKernelTime;
        internal long ThisPeriodTotalUserTime;
        internal long ThisPeriodTotalKernelTime;
        internal uint TotalPageFaultCount;
        internal uint TotalProcesses;
        internal uint ActiveProcesses;
        internal uint TotalTerminatedProcesses;
    }

    // JOBOBJECT_EXTENDED_LIMIT_INFORMATION, with the basic limits and the I/O counters in line.
    [StructLayout(LayoutKind.Sequential)]
    private struct ExtendedLimitInformation
    {
        internal long PerProcessUserTimeLimit;
        internal long PerJobUserTimeLimit;
        internal uint LimitFlags;
        internal UIntPtr MinimumWorkingSetSize;
        internal UIntPtr MaximumWorkingSetSize;
        internal uint ActiveProcessLimit;
        internal UIntPtr Affinity;
        internal uint PriorityClass;
        internal uint SchedulingClass;
        internal ulong ReadOperationCount;
        internal ulong WriteOperationCount;
        internal ulong OtherOperationCount;
        internal ulong ReadTransferCount;
        internal ulong WriteTransferCount;
        internal ulong OtherTransferCount;
        internal UIntPtr ProcessMemoryLimit;
        internal UIntPtr JobMemoryLimit;
        internal UIntPtr PeakProcessMemoryUsed;
        internal UIntPtr PeakJobMemoryUsed;
    }
}
