using System;
using System.IO;
using System.Linq;
using System.Threading;
using Xunit;

namespace Dispatching.PowerShell.Tests;

/// <summary>The first worker imports modules alone, and the others side by side after it.</summary>
public sealed class ModuleImportTests : IDisposable
{
    private readonly Session _session = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("dispatcher-import-").FullName;
    private readonly Gate _imports = new();

    public ModuleImportTests()
    {
        AppDomain.CurrentDomain.SetData("imports" + _folder, _imports);
        AppDomain.CurrentDomain.SetData("pair" + _folder, new Barrier(2));
        _session["all"] = new Barrier(3);
    }

    public void Dispose()
    {
        _session.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void The_others_import_side_by_side()
    {
        string path = Write("if ($n -gt 1 -and -not $pair.SignalAndWait(60000)) { throw 'no other import' }");
        Assert.Equal(["True", "True", "True"], Run(path));
        Assert.Equal(3, _imports.Count);
    }

    [Fact]
    public void One_that_fails_beside_another_is_tried_once_more_alone()
    {
        string path = Write("""
            if ($n -in 2, 3) { $null = $pair.SignalAndWait(60000); throw 'not beside another' }
            if (-not [Threading.Monitor]::TryEnter($imports)) { throw 'not alone' }
            1..200 | & { process { } }
            [Threading.Monitor]::Exit($imports)
            """);
        Assert.Equal(["True", "True", "True"], Run(path));
        Assert.Equal(5, _imports.Count);
    }

    [Fact]
    public void One_that_fails_alone_again_is_the_error()
    {
        string path = Write("if ($n -gt 1) { throw \"attempt $n\" }");
        Invocation invocation = _session.Invoke("New-Dispatcher d -MaxWorkers 2 -MaxTasksPerWorker 1 -Module $args[0] | Start-Dispatcher; $t = 1, 2 | Send-DispatchTask { 1 } | Wait-DispatchTask; $t.State | Sort-Object; ($t | Where-Object State -eq Failed).Exception.Message", path);
        Assert.Equal(["Completed", "Failed"], invocation.Text.Take(2));
        Assert.Contains("attempt", invocation.Text[^1], StringComparison.Ordinal);
        Assert.Equal(3, _imports.Count);
    }

    private string[] Run(string path) =>
        [.. _session.Text("1..3 | Invoke-DispatchTask { ($using:all).SignalAndWait(60000) } -MaxWorkers 3 -Module $args[0]", path)];

    private string Write(string text)
    {
        string path = Path.Combine(_folder, "Import.psm1");
        File.WriteAllText(path, """
            $imports = [AppDomain]::CurrentDomain.GetData('importsKEY')
            $pair = [AppDomain]::CurrentDomain.GetData('pairKEY')
            $imports.Arrive()
            $n = $imports.Count

            """.Replace("KEY", _folder, StringComparison.Ordinal) + text);
        return path;
    }
}
