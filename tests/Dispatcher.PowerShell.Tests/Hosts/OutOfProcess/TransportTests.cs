using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using Xunit;
using Engine = System.Management.Automation.PowerShell;

namespace Dispatching.PowerShell.Tests;

/// <summary>A session in a child process works as any other, whatever else is written to the stream that carries it.</summary>
public sealed class TransportTests
{
    [TransportFact]
    public void A_script_runs_in_the_child_process()
    {
        using Endpoint endpoint = Endpoint.Open();
        Assert.Equal([endpoint.ProcessId], endpoint.Run("$PID"));
        Assert.Equal(0, endpoint.EndCount);
    }

    [TransportFact]
    public void Each_stream_arrives()
    {
        using Endpoint endpoint = Endpoint.Open();
        using Engine engine = endpoint.Create("'out'; Write-Error err; Write-Warning warn; Write-Verbose verb -Verbose; Write-Debug deb -Debug; Write-Information info; Write-Progress act");
        Assert.Equal("out", Assert.Single(engine.Invoke()).BaseObject);
        Assert.Equal("err", Assert.Single(engine.Streams.Error).ToString());
        Assert.Equal("warn", Assert.Single(engine.Streams.Warning).Message);
        Assert.Equal("verb", Assert.Single(engine.Streams.Verbose).Message);
        Assert.Equal("deb", Assert.Single(engine.Streams.Debug).Message);
        Assert.Equal("info", Assert.Single(engine.Streams.Information).MessageData.ToString());
        Assert.Contains("act", engine.Streams.Progress.Select(one => one.Activity));
    }

    [TransportFact]
    public void A_text_of_several_megabytes_goes_both_ways()
    {
        using Endpoint endpoint = Endpoint.Open();
        string text = string.Concat(Enumerable.Range(0, 500_000).Select(i => (char)('à' + (i % 40)) + "123456789"));
        Assert.Equal([text], endpoint.Run("param($text) $text", text));
    }

    [TransportFact]
    public void Input_arrives_while_the_pipeline_runs()
    {
        using Endpoint endpoint = Endpoint.Open();
        using Engine engine = endpoint.Create("begin { 'ready' } process { $_ * 2 }");
        using var input = new PSDataCollection<int>();
        using var output = new PSDataCollection<PSObject>();
        using var gate = new Gate();
        output.DataAdded += (_, _) => gate.Arrive();
        IAsyncResult running = engine.BeginInvoke(input, output);
        gate.WaitForArrivals();
        for (int i = 1; i <= 3; i++)
        {
            input.Add(i);
            gate.WaitForArrivals();
            Assert.Equal(i * 2, output[i].BaseObject);
        }

        input.Complete();
        engine.EndInvoke(running);
    }

    [TransportTheory]
    [InlineData("/bin/echo stray")]
    [InlineData("/bin/echo -n without a line end")]
    [InlineData("/bin/echo '<Data Stream'; /bin/echo '<html>'; /bin/echo")]
    [InlineData("/bin/head -c 3000000 /dev/zero")]
    public void What_programs_write_to_the_same_stream_is_dropped(string commands)
    {
        using Endpoint endpoint = Endpoint.Open();
        string script = "param($commands) $null = Start-Process -NoNewWindow -Wait -FilePath /bin/sh -ArgumentList '-c', ('\"' + $commands + '\"'); 'after'";
        for (int run = 0; run < 3; run++)
        {
            Assert.Equal(["after"], endpoint.Run(script, commands));
        }

        Assert.Equal([42], endpoint.Run("42"));
    }

    [TransportFact]
    public void What_a_program_writes_into_a_message_ends_the_session()
    {
        using Endpoint endpoint = Endpoint.Open();
        Exception error = endpoint.Lose("$null = Start-Process -NoNewWindow -Wait -FilePath /bin/echo -ArgumentList '\"<Data Stream=''Default'' PSGuid=\"'; Start-Sleep 600");
        Assert.Contains("wrote something else into a message", error.ToString(), StringComparison.Ordinal);
        Assert.Equal("wrote something else into a message of the session", endpoint.WaitForEnd());
    }

    [TransportFact]
    public void A_closed_session_ends_its_process()
    {
        using Endpoint endpoint = Endpoint.Open();
        endpoint.Runspace.Close();
        Assert.NotNull(endpoint.WaitForEnd());
    }

    [UnixFact]
    public void The_build_for_NET_Standard_says_that_it_has_none()
    {
        using var process = new SessionEndpoint(new EndpointCommand("worker process", "/bin/cat", []));
        Exception? error = Record.Exception(() => process.CreateRunspace(host: null).Dispose());
        if (StagedModule.Build == "net8.0")
        {
            Assert.Null(error);
        }
        else
        {
            Assert.Contains("PowerShell 7.4", Assert.IsType<PlatformNotSupportedException>(error).Message, StringComparison.Ordinal);
        }
    }

    [TransportFact]
    public void A_process_has_one_session()
    {
        using var process = new SessionEndpoint(new EndpointCommand("worker process", "/bin/cat", []));
        using (process.CreateRunspace(host: null))
        {
            Assert.Throws<InvalidOperationException>(() => process.CreateRunspace(host: null));
        }
    }
}
