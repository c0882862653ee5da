using System.Collections.Generic;
using System.Linq;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Dispatching.Tests.Structure;

/// <summary>Every type that a type of a compiled assembly refers to: in its declaration, its members and their bodies.</summary>
internal sealed class TypeReferences
{
    private readonly HashSet<TypeDefinition> _found = [];
    private readonly ModuleDefinition _module;

    private TypeReferences(ModuleDefinition module) => _module = module;

    /// <summary>The types of the same assembly that a member refers to, each as its outermost type.</summary>
    internal static IEnumerable<TypeDefinition> Of(IMemberDefinition member)
    {
        var references = new TypeReferences(member.DeclaringType?.Module ?? ((TypeDefinition)member).Module);
        references.AddMember(member);
        return references._found;
    }

    internal static TypeDefinition GetOutermost(TypeDefinition type) => type.DeclaringType is { } outer ? GetOutermost(outer) : type;

    private void AddMember(IMemberDefinition member)
    {
        AddAttributes(member);
        switch (member)
        {
            case TypeDefinition type:
                Add(type.BaseType);
                type.Interfaces.ToList().ForEach(one => Add(one.InterfaceType));
                AddConstraints(type);
                break;
            case FieldDefinition field:
                Add(field.FieldType);
                break;
            case MethodDefinition method:
                AddSignature(method);
                AddConstraints(method);
                AddBody(method);
                break;
        }
    }

    private void AddAttributes(ICustomAttributeProvider provider) =>
        provider.CustomAttributes.ToList().ForEach(one => Add(one.AttributeType));

    private void AddConstraints(IGenericParameterProvider provider) =>
        provider.GenericParameters.SelectMany(one => one.Constraints).ToList().ForEach(one => Add(one.ConstraintType));

    private void AddSignature(IMethodSignature method)
    {
        Add(method.ReturnType);
        method.Parameters.ToList().ForEach(one => Add(one.ParameterType));
    }

    private void AddBody(MethodDefinition method)
    {
        if (!method.HasBody)
        {
            return;
        }

        method.Body.Variables.ToList().ForEach(one => Add(one.VariableType));
        method.Body.ExceptionHandlers.ToList().ForEach(one => Add(one.CatchType));
        foreach (Instruction instruction in method.Body.Instructions)
        {
            switch (instruction.Operand)
            {
                case TypeReference type:
                    Add(type);
                    break;
                case MethodReference called:
                    Add(called.DeclaringType);
                    AddSignature(called);
                    (called as GenericInstanceMethod)?.GenericArguments.ToList().ForEach(Add);
                    break;
                case FieldReference field:
                    Add(field.DeclaringType);
                    Add(field.FieldType);
                    break;
            }
        }
    }

    private void Add(TypeReference? type)
    {
        switch (type)
        {
            case null or GenericParameter:
                break;
            case GenericInstanceType generic:
                Add(generic.ElementType);
                generic.GenericArguments.ToList().ForEach(Add);
                break;
            case TypeSpecification specification:
                Add(specification.ElementType);
                break;
            case { } when type.Scope == _module && type.Resolve() is { } definition:
                _found.Add(GetOutermost(definition));
                break;
        }
    }
}
