using CoreSrl.Abstractions;
using Mono.Cecil;
using Mono.Cecil.Cil;
using TorchSharp;

namespace CoreSrl.Torch.Tests;

/// <summary>No operation gets a number that a garbage collection could free under it; see <see cref="Number"/>.</summary>
[Collection(OneProcessTorch.Name)]
public sealed class NumberTests
{
    [Fact]
    public async Task Garbage_collections_at_every_moment_change_no_bit()
    {
        var quiet = await TrainAsync();
        using var stop = new CancellationTokenSource();
        var collecting = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }
        });
        var disturbed = await TrainAsync();
        await stop.CancelAsync();
        await collecting;
        Assert.Equal(quiet, disturbed);

        static async Task<string> TrainAsync()
        {
            await using var model = await Models.CreateAsync(options: new() { LoraDropout = 0.1, WeightDecay = 0.01, Temperature = 0.9 });
            for (var update = 0; update < 30; update++)
                await model.TrainOnceAsync(update, 0.01, new("Your move? ", "cooperate", "compete"), new("Say something: "));
            return model.Digest(TensorPart.Adapter, TensorPart.OptimizerState);
        }
    }

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
