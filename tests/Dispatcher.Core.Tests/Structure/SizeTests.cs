using System.IO;
using System.Linq;
using Mono.Cecil;
using Mono.Cecil.Cil;
using Xunit;

namespace Dispatching.Tests.Structure;

/// <summary>Nothing grows so large that nobody reads it any more.</summary>
public sealed class SizeTests
{
    private const int LargestType = 400;
    private const int LargestMethod = 60;
    private const int LargestFolder = 25;

    [Theory]
    [InlineData("Dispatcher.Core")]
    [InlineData("Dispatcher.PowerShell")]
    public void No_type_has_too_many_lines(string project) => Assert.Equal([], SourceTree.Of(project).Files
        .GroupBy(SourceTree.GetTypeName)
        .Select(files => (Type: files.Key, Lines: files.Sum(file => File.ReadLines(file).Count())))
        .Where(type => type.Lines > LargestType));

    [Theory]
    [InlineData("Dispatcher.Core")]
    [InlineData("Dispatcher.PowerShell")]
    public void No_folder_has_too_many_files(string project) => Assert.Equal([], SourceTree.Of(project).Files
        .GroupBy(Path.GetDirectoryName)
        .Select(files => (Folder: files.Key, Files: files.Count()))
        .Where(folder => folder.Files > LargestFolder));

    [Theory]
    [InlineData("Dispatcher.Core")]
    [InlineData("Dispatcher.PowerShell")]
    public void No_method_has_too_many_lines(string project)
    {
        string build = new DirectoryInfo(Path.GetDirectoryName(typeof(Dispatcher).Assembly.Location)!).Parent!.Name; // Debug or Release.
        string assembly = Path.Combine(SourceTree.RepositoryRoot, "src", project, "bin", build, "net8.0", project + ".dll");
        using AssemblyDefinition read = AssemblyDefinition.ReadAssembly(assembly, new ReaderParameters { ReadSymbols = true });
        (string, int)[] sizes = [.. read.MainModule.GetTypes().SelectMany(type => type.Methods).Select(method => (method.FullName, CountLines(method)))];
        Assert.Contains(sizes, size => size.Item2 > 10); // Otherwise nothing was measured.
        Assert.Equal([], sizes.Where(size => size.Item2 > LargestMethod));
    }

    private static int CountLines(MethodDefinition method)
    {
        SequencePoint[] points = [.. method.DebugInformation.SequencePoints.Where(point => !point.IsHidden)];
        if (method.IsConstructor)
        {
            // The initial values of fields belong to it too, wherever they stand.
            return points.SelectMany(point => Enumerable.Range(point.StartLine, point.EndLine - point.StartLine + 1)).Distinct().Count();
        }

        return points.Length == 0 ? 0 : points.Max(point => point.EndLine) - points.Min(point => point.StartLine) + 1;
    }
}
