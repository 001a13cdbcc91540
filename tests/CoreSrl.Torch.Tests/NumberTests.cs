using Mono.Cecil;
using Mono.Cecil.Cil;
using TorchSharp;

namespace CoreSrl.Torch.Tests;

/// <summary>No operation gets a number that a garbage collection could free under it; see <see cref="Number"/>.</summary>
public sealed class NumberTests
{
    [Fact]
    public void Only_Number_makes_a_scalar_of_a_number()
    {
        using var torchSharp = ModuleDefinition.ReadModule(typeof(Scalar).Assembly.Location);
        var unsafeMethods = MethodsThatMakeScalars(torchSharp);
        Assert.Contains("TorchSharp.torch/Tensor TorchSharp.torch/Tensor::square()", unsafeMethods);
        Assert.Contains("TorchSharp.torch/Tensor TorchSharp.torch/Tensor::add(TorchSharp.torch/Tensor)", unsafeMethods);

        foreach (var assembly in new[] { typeof(Number).Assembly, typeof(CoreSrl.Plugins.TorchLora.TorchLoraBackend).Assembly })
        {
            using var module = ModuleDefinition.ReadModule(assembly.Location);
            var offences =
                from type in module.GetTypes()
                where type.FullName != typeof(Number).FullName && type.DeclaringType?.FullName != typeof(Number).FullName
                from method in type.Methods
                from call in Calls(method)
                where unsafeMethods.Contains(call)
                select $"{method.FullName} calls {call}";
            Assert.Empty(offences);
        }
    }

    /// <summary>TorchSharp's methods that turn a number into a scalar, themselves or through another.</summary>
    private static HashSet<string> MethodsThatMakeScalars(ModuleDefinition torchSharp)
    {
        var callers = torchSharp.GetTypes().SelectMany(type => type.Methods)
            .SelectMany(method => Calls(method).Select(call => (Caller: method.FullName, Called: call)))
            .ToLookup(pair => pair.Called, pair => pair.Caller);
        var found = new HashSet<string>(torchSharp.GetType("TorchSharp.Scalar").Methods
            .Where(method => method.Name == "op_Implicit").Select(method => method.FullName));
        var open = new Queue<string>(found);
        while (open.TryDequeue(out var called))
        {
            foreach (var caller in callers[called].Where(found.Add))
                open.Enqueue(caller);
        }

        return found;
    }

    private static IEnumerable<string> Calls(MethodDefinition method) => !method.HasBody ? [] :
        method.Body.Instructions
            .Where(instruction => instruction.OpCode.Code is Code.Call or Code.Callvirt or Code.Newobj)
            .Select(instruction => ((MethodReference)instruction.Operand).FullName);
}
