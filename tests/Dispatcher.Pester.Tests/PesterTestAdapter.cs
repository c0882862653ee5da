using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.VisualStudio.TestPlatform.ObjectModel;
using Microsoft.VisualStudio.TestPlatform.ObjectModel.Adapter;
using Microsoft.VisualStudio.TestPlatform.ObjectModel.Logging;

namespace Dispatching.Pester;

/// <summary>
/// Shows the test platform each test of the Pester suite as one of its own, once for each pinned version of Pester, so that
/// "dotnet test" runs, counts, filters and reports them like all others.
/// </summary>
[FileExtension(".dll")]
[DefaultExecutorUri(Address)]
[ExtensionUri(Address)]
public sealed class PesterTestAdapter : ITestDiscoverer, ITestExecutor, IDisposable
{
    private const string Address = "executor://dispatching/pester";
    private static readonly Uri s_address = new(Address);
    private static readonly TestProperty s_name = TestProperty.Register("Dispatching.Pester.Name", "Pester name", typeof(string), typeof(PesterTestAdapter));
    private readonly CancellationTokenSource _cancellation = new();

    /// <inheritdoc/>
    public void DiscoverTests(IEnumerable<string> sources, IDiscoveryContext discoveryContext, IMessageLogger logger, ITestCaseDiscoverySink discoverySink)
    {
        ArgumentNullException.ThrowIfNull(discoverySink);
        foreach ((_, TestCase test) in Own(sources).SelectMany(Find))
        {
            discoverySink.SendTestCase(test);
        }
    }

    /// <inheritdoc/>
    public void RunTests(IEnumerable<TestCase>? tests, IRunContext? runContext, IFrameworkHandle? frameworkHandle)
    {
        ArgumentNullException.ThrowIfNull(frameworkHandle);
        TestCase[] chosen = tests?.ToArray() ?? [];
        foreach (PesterSuite suite in PesterSuite.All)
        {
            string[] names = [.. chosen.Where(test => test.FullyQualifiedName.StartsWith(Prefix(suite), StringComparison.Ordinal)).Select(test => (string)test.GetPropertyValue(s_name)!)];
            if (names.Length > 0)
            {
                Run(suite, chosen[0].Source, names, frameworkHandle);
            }
        }
    }

    /// <inheritdoc/>
    public void RunTests(IEnumerable<string>? sources, IRunContext? runContext, IFrameworkHandle? frameworkHandle)
    {
        ArgumentNullException.ThrowIfNull(frameworkHandle);
        foreach (string source in Own(sources ?? []))
        {
            ITestCaseFilterExpression? filter = runContext?.GetTestCaseFilter(["FullyQualifiedName", "DisplayName"], _ => null);
            if (filter is not null)
            {
                RunTests(Find(source).Select(found => found.Test).Where(test => filter.MatchTestCase(test, _ => test.FullyQualifiedName)), runContext, frameworkHandle);
                continue;
            }

            // Side by side: each waits for its PowerShell most of the time.
            Parallel.ForEach(PesterSuite.All, suite => Run(suite, source, names: null, frameworkHandle));
        }
    }

    /// <inheritdoc/>
    public void Cancel() => _cancellation.Cancel();

    /// <inheritdoc/>
    public void Dispose() => _cancellation.Dispose();

    private void Run(PesterSuite suite, string source, IReadOnlyCollection<string>? names, IFrameworkHandle sink)
    {
        try
        {
            foreach (PesterRow row in suite.Run(names, _cancellation.Token))
            {
                Record(suite, source, row, sink);
            }
        }
        catch (InvalidOperationException e)
        {
            Record(suite, source, new PesterRow("The suite runs", File: null, 0, "Failed", 0, e.Message), sink);
        }
    }

    private static void Record(PesterSuite suite, string source, PesterRow row, IFrameworkHandle sink)
    {
        TestCase test = Create(suite, source, row);
        TestOutcome outcome = row.Outcome switch
        {
            "Passed" => TestOutcome.Passed,
            "Skipped" => TestOutcome.Skipped,
            _ => TestOutcome.Failed,
        };
        sink.RecordStart(test);
        sink.RecordEnd(test, outcome);
        sink.RecordResult(new TestResult(test)
        {
            Outcome = outcome,
            Duration = TimeSpan.FromSeconds(row.Seconds),
            ErrorMessage = row.Message.Length > 0 ? row.Message : outcome == TestOutcome.Failed ? row.Outcome : null,
        });
    }

    private IEnumerable<(PesterSuite Suite, TestCase Test)> Find(string source) =>
        PesterSuite.All.SelectMany(suite => suite.Discover(_cancellation.Token).Select(row => (suite, Create(suite, source, row))));

    private static TestCase Create(PesterSuite suite, string source, PesterRow row)
    {
        var test = new TestCase(Prefix(suite) + row.Name, s_address, source) { CodeFilePath = row.File, LineNumber = row.Line };
        test.SetPropertyValue(s_name, row.Name);
        return test;
    }

    private static string Prefix(PesterSuite suite) => "Pester " + suite.Version + ": ";

    // The test platform offers each adapter every test assembly that it knows.
    private static IEnumerable<string> Own(IEnumerable<string> sources) =>
        sources.Where(source => string.Equals(source, typeof(PesterTestAdapter).Assembly.Location, StringComparison.OrdinalIgnoreCase));
}
