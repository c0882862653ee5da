using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Xunit;

namespace Dispatching.Tests.Structure;

/// <summary>What src/README.md names is there.</summary>
public sealed partial class SourcePageTests
{
    private static readonly string s_folder = Path.Combine(SourceTree.RepositoryRoot, "src");

    [Fact]
    public void Each_file_and_folder_that_the_page_names_exists()
    {
        string[] named = [.. Named().Matches(File.ReadAllText(Path.Combine(s_folder, "README.md"))).Select(match => match.Groups["name"].Value).Distinct()];
        Assert.True(named.Length > 20, "The page names few files.");
        HashSet<string> there = [.. new[] { "src", "module" }.SelectMany(GetNames)];
        Assert.Equal([], named.Where(name => !there.Contains(name)));
    }

    private static IEnumerable<string> GetNames(string folder) =>
        Directory.EnumerateFileSystemEntries(Path.Combine(SourceTree.RepositoryRoot, folder), "*", SearchOption.AllDirectories)
            .Where(path => !path.Contains(Path.DirectorySeparatorChar + "obj", StringComparison.Ordinal))
            .Select(path => Path.GetFileName(path) + (Directory.Exists(path) ? "/" : string.Empty));

    [GeneratedRegex(@"`(?<name>[\w-]+(\.[\w-]+)*\.(cs|ps1|psm1|psd1)|[\w.]+/)`", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Named();
}
