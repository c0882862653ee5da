using System;
using System.Linq;
using System.Management.Automation;
using System.Reflection;
using System.Reflection.Emit;
using System.Threading.Tasks;
using Xunit;

namespace Dispatching.PowerShell.Tests;

/// <summary>Names of dispatchers, and the making of one.</summary>
public sealed class DispatcherNameTests : IDisposable
{
    private readonly Session _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public void A_name_that_is_made_is_none_that_was_given()
    {
        // Other tests make dispatchers meanwhile, so which number comes next is not known.
        Assert.Equal(
            ["True"],
            _session.Text("""
                $first = [int] (New-Dispatcher).Name.Substring(10)
                $null = ($first + 1)..($first + 200) | & { process { New-Dispatcher "dispatcher$_" } }
                $null = 1..50 | & { process { New-Dispatcher } }
                $names = (Get-Dispatcher).Name
                $unique = [Collections.Generic.HashSet[string]]::new([string[]] $names, [StringComparer]::OrdinalIgnoreCase)
                $names.Count -eq 251 -and $unique.Count -eq 251
                """));
        _session.Run("Get-Dispatcher | Remove-Dispatcher");
    }

    [Fact]
    public async Task A_log_that_takes_long_to_open_holds_up_no_other_session()
    {
        using var other = new Session();
        var gate = new Gate();
        var command = (Type)_session.One("(Get-Command New-Dispatcher).ImplementingType");
        var optionsType = (Type)_session.One("[Dispatching.DispatcherOptions]");
        object options = Activator.CreateInstance(optionsType)!; // A class with a constructor.
        optionsType.GetProperty("Name")!.SetValue(options, "slow");
        optionsType.GetProperty("Clock")!.SetValue(options, MakeSlowClock((Type)_session.One("[Dispatching.Clock]"), gate.Pass));
        MethodInfo create = command.Assembly.GetType("Dispatching.PowerShell.SessionDispatchers")!.GetMethod("Create", BindingFlags.Static | BindingFlags.NonPublic)!;
        Task<object?> creating = Task.Run(() => create.Invoke(obj: null, [options, _session.Runspace, PSLanguageMode.FullLanguage, false]));
        gate.WaitForArrivals();

        Assert.Equal(["quick"], other.Text("$null = New-Dispatcher quick; (Get-Dispatcher).Name"));
        Assert.False(creating.IsCompleted);
        gate.Open();
        await creating.WaitAsync(Limits.Hang);
        Assert.Equal(["slow"], _session.Text("(Get-Dispatcher).Name"));
    }

    /// <summary>
    /// A dispatcher asks its clock while it is made, as it opens its log: this clock stands for a disk that takes its time. It
    /// is made at run time, since these tests have no reference to the assemblies of the module.
    /// </summary>
    private static object MakeSlowClock(Type clock, Action onCreate)
    {
        TypeBuilder type = AssemblyBuilder.DefineDynamicAssembly(new AssemblyName("SlowClock"), AssemblyBuilderAccess.Run)
            .DefineDynamicModule("SlowClock").DefineType("SlowClock", TypeAttributes.Public, clock);
        FieldBuilder pause = type.DefineField("OnCreate", typeof(Action), FieldAttributes.Public | FieldAttributes.Static);
        foreach (MethodInfo method in clock.GetMethods().Where(method => method.IsAbstract))
        {
            Type[] parameters = [.. method.GetParameters().Select(parameter => parameter.ParameterType)];
            ILGenerator code = type.DefineMethod(method.Name, MethodAttributes.Public | MethodAttributes.Virtual, method.ReturnType, parameters).GetILGenerator();
            if (method.Name == "CreateAlarm")
            {
                code.Emit(OpCodes.Ldsfld, pause);
                code.Emit(OpCodes.Callvirt, typeof(Action).GetMethod("Invoke")!);
            }

            code.Emit(OpCodes.Call, clock.GetProperty("System")!.GetMethod!);
            foreach (int index in Enumerable.Range(1, parameters.Length))
            {
                code.Emit(OpCodes.Ldarg, (short)index);
            }

            code.Emit(OpCodes.Callvirt, method);
            code.Emit(OpCodes.Ret);
        }

        Type made = type.CreateType();
        made.GetField("OnCreate")!.SetValue(obj: null, onCreate);
        return Activator.CreateInstance(made)!; // A class with a constructor.
    }
}
