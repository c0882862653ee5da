using System;
using System.Management.Automation;
using Xunit;

namespace Dispatching.PowerShell.Tests;

/// <summary>What the parameters about hosts take.</summary>
public sealed class HostParameterTests : IDisposable
{
    private readonly Session _session = new();

    public void Dispose() => _session.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("@host")]
    [InlineData("user@")]
    [InlineData("-oProxyCommand=x")]
    [InlineData("-l@host")]
    [InlineData("a b")]
    [InlineData("host:")]
    [InlineData("host:0")]
    [InlineData("host:65536")]
    [InlineData("host:-1")]
    [InlineData("host:ssh")]
    [InlineData("a@b@c")]
    [InlineData("[::1]x")]
    [InlineData("[::1]:")]
    [InlineData("[]")]
    [InlineData("[-x]")]
    public void What_is_no_host_is_refused(string host)
    {
        string id = host.Length == 0 ? "ParameterArgumentValidationError" : "HostNameInvalid";
        AssertError(id, "New-Dispatcher -HostName '" + host + "'");
        AssertError(id, "Invoke-DispatchTask { 1 } -HostName 'good', '" + host + "'");
    }

    [Theory]
    [InlineData("HostNameInvalid", "New-Dispatcher -HostName a, A")]
    [InlineData("HostNameInvalid", "New-Dispatcher -HostName a, a:22 -Port 22")]
    [InlineData("KeyFileNotFound", "New-Dispatcher -HostName a -KeyFilePath /nowhere/key")]
    [InlineData("ParameterHasNoEffect", "New-Dispatcher -UserName a")]
    [InlineData("ParameterHasNoEffect", "New-Dispatcher -Port 22")]
    [InlineData("ParameterHasNoEffect", "New-Dispatcher -KeyFilePath k")]
    [InlineData("ParameterHasNoEffect", "New-Dispatcher -Subsystem p")]
    [InlineData("ParameterHasNoEffect", "New-Dispatcher -SSHOption @{ a = 'b' }")]
    [InlineData("ParameterHasNoEffect", "Invoke-DispatchTask { 1 } -WorkersPerHost 2")]
    [InlineData("ParameterHasNoEffect", "Invoke-DispatchTask { 1 } -HostFailure Fail")]
    [InlineData("ParameterHasNoEffect", "Invoke-DispatchTask { 1 } -PingInterval 2")]
    [InlineData("ParameterHasNoEffect", "Invoke-DispatchTask { 1 } -Prefetch 2")]
    [InlineData("ParameterHasNoEffect", "New-Dispatcher -HostName a -MaxWorkers 2")]
    [InlineData("ParameterHasNoEffect", "New-Dispatcher -HostName a -MinWorkers 2")]
    [InlineData("ParameterHasNoEffect", "New-Dispatcher -HostName a -ScaleDownInterval 2")]
    [InlineData("ConflictingParameters", "New-Dispatcher -HostName a -Isolation Process")]
    [InlineData("ParameterArgumentValidationError", "New-Dispatcher -HostName a -Port 0")]
    [InlineData("ParameterArgumentValidationError", "New-Dispatcher -HostName a -Port 65536")]
    [InlineData("ParameterArgumentValidationError", "New-Dispatcher -HostName a -WorkersPerHost 0")]
    [InlineData("ParameterArgumentValidationError", "New-Dispatcher -HostName a -Prefetch 0")]
    [InlineData("ParameterArgumentTransformationError", "New-Dispatcher -HostName a -PingInterval never")]
    [InlineData("PingIntervalInvalid", "New-Dispatcher -HostName a -PingInterval 0.01")]
    [InlineData("PingIntervalInvalid", "Invoke-DispatchTask { 1 } -HostName a -PingInterval 0.2")]
    [InlineData("HostNotFound", "$d = New-Dispatcher -HostName a; Send-DispatchTask { 1 } -HostName b")]
    [InlineData("ParameterHasNoEffect", "$d = New-Dispatcher; Send-DispatchTask { 1 } -HostName b")]
    public void What_cannot_be_is_refused(string id, string script) => AssertError(id, script);

    [Fact]
    public void An_error_of_PingInterval_tells_value_and_range() => Assert.Equal(
        "-PingInterval is 0.01 s, and must be 0.5 s or more, or 0 for none. After three intervals without a sign from the other end a host counts as lost, and shorter ones would lose hosts that are only busy.",
        _session.Fail("New-Dispatcher -HostName a -PingInterval 0.01").ToString());

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("Infinite")]
    [InlineData("0.5")]
    [InlineData("48:00")]
    public void PingInterval_may_be(string interval) => _session.Run("New-Dispatcher good -HostName good -PingInterval " + interval);

    private void AssertError(string id, string script)
    {
        ErrorRecord error = _session.Fail(script);
        Assert.Equal(id, error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Empty(_session.Run("Get-Dispatcher | Where-Object HostName -contains good"));
    }
}
