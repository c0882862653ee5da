using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Management.Automation;

namespace Dispatching.PowerShell;

/// <summary>What an agent is started with: the settings of its workers, and those of the session.</summary>
internal sealed class WireSettings
{
    internal WireSettings(string nonce, WorkerSettings workers)
    {
        Nonce = nonce;
        Workers = workers;
    }

    /// <summary>What the markers of this session begin with: random, so that no output is taken for one.</summary>
    internal string Nonce { get; }

    internal WorkerSettings Workers { get; }

    /// <summary>How many tasks the agent runs at once.</summary>
    internal int Lanes { get; init; } = 1;

    internal int MaxTasksPerWorker { get; init; } = int.MaxValue;

    internal TimeSpan StopGrace { get; init; }

    /// <summary>How often the other end says that it is there. The agent ends what it runs when it has heard nothing for three times as long.</summary>
    internal TimeSpan PingInterval { get; init; }

    /// <summary>Whether the process belongs to the session, and ends with it.</summary>
    internal bool OwnsProcess { get; init; }

    /// <summary>Whether a task begins only once the other end has been told that it does.</summary>
    internal bool ConfirmsStarts { get; init; }

    /// <summary>Whether a task goes on only once each record that it writes has been sent.</summary>
    internal bool ConfirmsRecords { get; init; }

    internal static WireSettings Decode(object sent)
    {
        var table = (IDictionary)PlainValue.Of(sent);
        string nonce = WireValues.Text(table["Nonce"]);
        var values = new WireValues(nonce);
        return new WireSettings(nonce, DecodeWorkers(table, values))
        {
            Lanes = (int)WireValues.Number(table["Lanes"]),
            MaxTasksPerWorker = (int)WireValues.Number(table["MaxTasksPerWorker"]),
            StopGrace = TimeSpan.FromTicks(WireValues.Number(table["StopGrace"])),
            PingInterval = TimeSpan.FromTicks(WireValues.Number(table["PingInterval"])),
            OwnsProcess = WireValues.Flag(table["OwnsProcess"]),
            ConfirmsStarts = WireValues.Flag(table["ConfirmsStarts"]),
            ConfirmsRecords = WireValues.Flag(table["ConfirmsRecords"]),
        };
    }

    internal Hashtable Encode(WireValues values) => new()
    {
        ["Nonce"] = Nonce,
        ["Lanes"] = Lanes,
        ["MaxTasksPerWorker"] = MaxTasksPerWorker,
        ["StopGrace"] = StopGrace.Ticks,
        ["PingInterval"] = PingInterval.Ticks,
        ["OwnsProcess"] = OwnsProcess,
        ["ConfirmsStarts"] = ConfirmsStarts,
        ["ConfirmsRecords"] = ConfirmsRecords,
        ["LanguageMode"] = (int)Workers.LanguageMode,
        ["Modules"] = Workers.Modules.ToArray(),
        ["Functions"] = values.EncodePairs(Workers.Functions.Select(function => new KeyValuePair<string, object?>(function.Name, function.Block))),
        ["Variables"] = values.EncodePairs(Workers.Variables),
        ["Initialization"] = EncodeScript(Workers.Initialization, values),
        ["Cleanup"] = EncodeScript(Workers.Cleanup, values),
        ["Culture"] = Workers.Culture.Name,
        ["UICulture"] = Workers.UICulture.Name,
        ["ResetState"] = Workers.ResetState,
    };

    private static WorkerSettings DecodeWorkers(IDictionary table, WireValues values) => new()
    {
        LanguageMode = WireValues.ToEnum<PSLanguageMode>(table["LanguageMode"]),
        Modules = [.. WireValues.List(table["Modules"]).Select(WireValues.Text)],
        Functions = [.. (values.DecodePairs(table["Functions"], StringComparer.OrdinalIgnoreCase) ?? []).Select(pair => new WorkerFunction(pair.Key, Block(pair.Value)))],
        Variables = values.DecodePairs(table["Variables"], StringComparer.OrdinalIgnoreCase) ?? [],
        Initialization = DecodeScript(table["Initialization"], values),
        Cleanup = DecodeScript(table["Cleanup"], values),
        Culture = CultureInfo.GetCultureInfo(WireValues.Text(table["Culture"])),
        UICulture = CultureInfo.GetCultureInfo(WireValues.Text(table["UICulture"])),
        EngineVersion = typeof(PSObject).Assembly.GetName().Version ?? new Version(),
        ResetState = WireValues.Flag(table["ResetState"]),
    };

    private static object?[]? EncodeScript(PreparedScript? script, WireValues values) =>
        script is null ? null : [values.Encode(script.Block), values.EncodePairs(script.UsingValues)];

    private static PreparedScript? DecodeScript(object? sent, WireValues values)
    {
        if (sent is null)
        {
            return null;
        }

        object?[] parts = WireValues.List(sent);
        return new PreparedScript(Block(values.Decode(parts[0])), values.DecodePairs(parts[1], StringComparer.Ordinal));
    }

    private static CapturedScriptBlock Block(object? value) => value as CapturedScriptBlock ?? throw new FormatException("A script block was expected.");
}
