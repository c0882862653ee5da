using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace Dispatching.PowerShell;

/// <summary>Which errors -RetryOn names, and how long a server asks to wait. One for all tasks of a call.</summary>
internal sealed class RetryRule : IRetryRule
{
    private readonly HashSet<int> _codes = [];
    private readonly List<string> _texts = [];
    private readonly List<WildcardPattern> _ids = [];
    private readonly ScriptInvocation? _block;
    private readonly bool _isForAll;
    private readonly Clock _clock;

    private RetryRule(PSCmdlet caller, object[]? conditions, bool hasSession, Clock clock)
    {
        _clock = clock;
        _isForAll = conditions is null;
        RetriesTimeouts = conditions is null;
        foreach (object? condition in conditions ?? [])
        {
            switch (PlainValue.Of(condition))
            {
                case ScriptBlock block when _block is not null:
                    throw new PSArgumentException("-RetryOn takes one script block, and '" + block.ToString().Trim() + "' is another. Put both conditions into one: { ... -or ... }.");
                case ScriptBlock when !hasSession:
                    throw new PSArgumentException("-RetryOn takes a script block only for tasks that run script blocks; a program runs in no session. Give its exit codes, or TimedOut.");
                case ScriptBlock block:
                    _block = CreateInvocation(caller, block);
                    break;
                case Type type:
                    _texts.Add(type.FullName ?? type.Name);
                    break;
                case string text when text.Trim().Length > 0:
                    Add(text.Trim());
                    break;
                case sbyte or byte or short or ushort or int or uint or long or ulong or decimal:
                    _codes.Add(ToCode((IConvertible)PlainValue.Of(condition)!));
                    break;
                default:
                    throw new PSArgumentException("-RetryOn does not know what to do with '" + (condition ?? "$null") + "'. Give exit codes or HTTP status codes (429), names of exception types (IOException), error ids with wildcards ('PathNotFound*'), TimedOut, or a script block that gets the error in $_.");
            }
        }
    }

    /// <inheritdoc/>
    public bool RetriesTimeouts { get; private set; }

    /// <summary>Makes the rule of a call. What cannot be used ends the cmdlet.</summary>
    /// <param name="caller">The cmdlet.</param>
    /// <param name="conditions">The value of -RetryOn; <see langword="null"/> for all errors.</param>
    /// <param name="hasSession">Whether the tasks run in a session, in which a block can run.</param>
    /// <param name="clock">Tells the time to a server that says until when to wait.</param>
    internal static RetryRule Create(PSCmdlet caller, object[]? conditions, bool hasSession, Clock clock)
    {
        try
        {
            return new RetryRule(caller, conditions, hasSession, clock);
        }
        catch (PSArgumentException e)
        {
            caller.Terminate(e, ErrorIds.RetryOnInvalid, ErrorCategory.InvalidArgument, conditions);
            throw;
        }
        catch (RuntimeException e) when (e is not PipelineStoppedException)
        {
            caller.Terminate(e, ErrorIds.RetryOnInvalid, conditions);
            throw;
        }
    }

    /// <inheritdoc/>
    public bool ShouldRetry(Exception error, out TimeSpan leastDelay)
    {
        leastDelay = HttpErrors.GetRetryAfter(error, _clock.ToDateTime(_clock.GetTimestamp())) ?? TimeSpan.Zero;
        return _isForAll || HasCode(error) || HasType(error) || HasId(error) || (_block is not null && Ask(_block, error));
    }

    private static ScriptInvocation CreateInvocation(PSCmdlet caller, ScriptBlock block) =>
        new(CapturedScriptBlock.Of(IsClosure(block) ? (ScriptBlock)CapturedScriptBlock.Carry(block, "The block of -RetryOn")! : block, "The block of -RetryOn").Ast, LanguageModes.Strictest(caller.SessionState.LanguageMode, LanguageModes.Of(block)))
        {
            HasItem = true,
            UsingValues = UsingCapture.Capture(block, caller),
        };

    /// <summary>Whether it has values of its own. One that only belongs to a module can do without that, as the block of the task does.</summary>
    private static bool IsClosure(ScriptBlock block) => block.Module is { } module && string.IsNullOrEmpty(module.Path) && module.Name.StartsWith("__DynamicModule", StringComparison.Ordinal);

    private static bool Ask(ScriptInvocation block, Exception error)
    {
        try
        {
            ErrorRecord record = TaskRecords.ToErrorRecord(error);
            return RunspaceHost.Current is { } host ? host.Ask(block, record)
                : Runspace.DefaultRunspace is not null ? SerialHost.Ask(block, record)
                : DetachedQuestions.Ask(block, record);
        }
        catch (Exception e) when (e is ExitException or LoopFlowException)
        {
            throw Failed("it left by exit, break or continue, which is no answer.", error);
        }
        catch (RuntimeException e) when (e is not PipelineStoppedException)
        {
            throw Failed(e.Message, error);
        }
    }

    private static RuntimeException Failed(string reason, Exception asked) =>
        new("The script block of -RetryOn failed: " + reason.TrimEnd().TrimEnd('.') + ". The error that it was asked about: " + asked.Message, asked);

    // A program may end with a number that others show without its sign.
    private static int ToCode(IConvertible value)
    {
        decimal code = value.ToDecimal(CultureInfo.InvariantCulture);
        return code is >= int.MinValue and <= uint.MaxValue
            ? unchecked((int)(long)code)
            : throw new PSArgumentException("-RetryOn " + value.ToString(CultureInfo.InvariantCulture) + " is no exit code and no HTTP status: those are numbers from -2147483648 to 4294967295.");
    }

    private void Add(string text)
    {
        if (string.Equals(text, nameof(TaskState.TimedOut), StringComparison.OrdinalIgnoreCase))
        {
            RetriesTimeouts = true;
        }
        else if (decimal.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out decimal code))
        {
            _codes.Add(ToCode(code));
        }
        else
        {
            _texts.Add(text);
            _ids.Add(new WildcardPattern(text, WildcardOptions.IgnoreCase | WildcardOptions.CultureInvariant));
        }
    }

    private bool HasCode(Exception error) => _codes.Count > 0
        && (GetExitCodes(error).Any(_codes.Contains)
            || (HttpErrors.GetStatus(error) is { } status && _codes.Contains(status)));

    /// <summary>The exit codes that an error and those inside it tell of, if they tell of any.</summary>
    internal static IEnumerable<int> GetExitCodes(Exception error) => HttpErrors.Chain(error).Select(GetExitCode).OfType<int>();

    private static int? GetExitCode(Exception error) => error switch
    {
        RemoteTaskException { Fault: { } fault } => fault.ExitCode,
        ExecutableException executable => executable.ExitCode,
        ScriptExitException exit => exit.ExitCode,
        _ => error.GetType().Name.Equals("NativeCommandExitException", StringComparison.Ordinal) ? error.GetType().GetProperty("ExitCode")?.GetValue(error) as int? : null,
    };

    private bool HasType(Exception error)
    {
        foreach (Exception one in HttpErrors.Chain(error))
        {
            if (one is RemoteTaskException { Fault: { } fault } && fault.TypeNames.Any(name => _texts.Exists(text => Is(text, name) || Is(text, name.Substring(name.LastIndexOf('.') + 1)))))
            {
                return true;
            }

            for (Type? type = one.GetType(); type is not null && type != typeof(object); type = type.BaseType)
            {
                if (_texts.Exists(text => Is(text, type.Name) || Is(text, type.FullName)))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private bool HasId(Exception error)
    {
        if (_ids.Count == 0)
        {
            return false;
        }

        return IsId(TaskRecords.ToErrorRecord(error)) || (error is TaskErrorsException { FirstError: { } written } && IsId(written));
    }

    private bool IsId(ErrorRecord error)
    {
        string id = error.FullyQualifiedErrorId;
        string first = id.Split(',')[0];
        return _ids.Exists(pattern => pattern.IsMatch(id) || pattern.IsMatch(first));
    }

    private static bool Is(string text, string? name) => string.Equals(text, name, StringComparison.OrdinalIgnoreCase);
}
