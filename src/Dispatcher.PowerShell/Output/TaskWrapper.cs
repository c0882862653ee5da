using System;
using System.Linq;
using System.Management.Automation;
using System.Reflection;

namespace Dispatching.PowerShell;

/// <summary>
/// Names the task of an output object, on a wrapper of its own. The engine stores added properties with the object, for all
/// its wrappers: an object that several tasks write, or a value that it boxes once, such as $true, would have the property
/// of one of them, and an item of the caller would be changed.
/// </summary>
internal static class TaskWrapper
{
    // The second parameter, storeTypeNameAndInstanceMembersLocally, keeps two wrappers of one object apart. Not public.
    private static readonly Func<object, bool, PSObject>? s_wrap = typeof(PSObject)
        .GetMethod("AsPSObject", BindingFlags.Static | BindingFlags.NonPublic, binder: null, [typeof(object), typeof(bool)], modifiers: null)
        ?.CreateDelegate(typeof(Func<object, bool, PSObject>)) as Func<object, bool, PSObject>;

    // What scripts have added to an object. All other members are on each wrapper anyway.
    private const PSMemberTypes Added = PSMemberTypes.NoteProperty | PSMemberTypes.ScriptProperty | PSMemberTypes.AliasProperty | PSMemberTypes.CodeProperty
        | PSMemberTypes.ScriptMethod | PSMemberTypes.CodeMethod | PSMemberTypes.PropertySet | PSMemberTypes.MemberSet;

    internal static PSObject Create(object value, DispatchTask task)
    {
        var original = PSObject.AsPSObject(value);
        PSObject own = s_wrap is { } wrap && original.BaseObject is not PSCustomObject ? Wrap(wrap, original) : original.Copy();
        own.Properties.Remove(TaskRecords.TaskProperty);
        own.Properties.Add(new PSNoteProperty(TaskRecords.TaskProperty, task));
        TaskOutputView.Mark(own);
        return own;
    }

    private static PSObject Wrap(Func<object, bool, PSObject> wrap, PSObject original)
    {
        PSObject own = wrap(original.BaseObject, true);
        foreach (PSMemberInfo member in original.Members.Match("*", Added).Where(member => member.IsInstance))
        {
            own.Members.Add(member.Copy());
        }

        if (!own.TypeNames.SequenceEqual(original.TypeNames, StringComparer.Ordinal))
        {
            own.TypeNames.Clear();
            foreach (string name in original.TypeNames)
            {
                own.TypeNames.Add(name);
            }
        }

        return own;
    }
}
