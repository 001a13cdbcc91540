using System.Collections.Immutable;
using CoreSrl.Abstractions;
using CoreSrl.Torch;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CoreSrl.Benchmarks.Checkpoint;

/// <summary>The tensors that a training loop would change, as a module, as the engine's state and as plain memory.</summary>
internal sealed class Workload : IDisposable
{
    private const int WindowLength = 64 << 20;
    private const int LargeColumns = 4096;

    private Workload(string name, IEnumerable<long[]> shapes)
    {
        Name = name;
        Shapes = [.. shapes];
        Module = new TensorModule(Shapes);
        State = TorchState.Of(Module);
        Windows = [.. State.Tensors.SelectMany(WindowsOf)];
        Bytes = State.Tensors.Sum(tensor => tensor.Info.ByteLength);
    }

    /// <summary>What it is, for people.</summary>
    public string Name { get; }

    /// <summary>The shapes of its tensors, of 32-bit floating-point numbers.</summary>
    public ImmutableArray<long[]> Shapes { get; }

    public nn.Module Module { get; }

    /// <summary>What a training loop hands to the engine.</summary>
    public IStateful State { get; }

    /// <summary>The tensors' own memory, in order, in pieces of at most 64 MiB.</summary>
    public ImmutableArray<Memory<byte>> Windows { get; }

    /// <summary>The size of all tensors.</summary>
    public long Bytes { get; }

    /// <summary>So many bytes in tensors of 64 MiB, such as large layers are, and a shorter one for the rest.</summary>
    public static Workload Large(long bytes)
    {
        const long tensor = (long)LargeColumns * LargeColumns * sizeof(float);
        var shapes = Enumerable.Repeat<long[]>([LargeColumns, LargeColumns], (int)(bytes / tensor)).ToList();
        if (bytes % tensor > 0)
            shapes.Add([bytes % tensor / sizeof(float)]);
        return new($"{ByteSize.Format(bytes)} in {(shapes.Count == 1 ? "one tensor" : $"{shapes.Count} tensors")}", shapes);
    }

    /// <summary>400 tensors of 64 KiB, such as an adapter's are.</summary>
    public static Workload Small() => new("400 tensors of 64 KiB", Enumerable.Repeat<long[]>([128, 128], 400));

    /// <summary>Next to nothing.</summary>
    public static Workload Tiny() => new("one tensor of 64 bytes", [[16]]);

    /// <summary>Overwrites the beginning of every tensor.</summary>
    public void Spoil()
    {
        foreach (var window in Windows)
            window.Span[..16].Fill(0xA5);
    }

    /// <summary>Whether any tensor still begins as <see cref="Spoil"/> left it.</summary>
    public bool IsSpoilt => Windows.Any(window => window.Span[..16].IndexOfAnyExcept((byte)0xA5) < 0);

    public void Dispose() => Module.Dispose();

    private static IEnumerable<Memory<byte>> WindowsOf(StateTensor tensor)
    {
        for (var offset = 0L; offset < tensor.Info.ByteLength; offset += WindowLength)
        {
            yield return tensor.TryGetMemory(offset, (int)Math.Min(WindowLength, tensor.Info.ByteLength - offset), out var window)
                ? window
                : throw new InvalidOperationException($"{tensor.Info} has no memory of its own to compare with.");
        }
    }

    /// <summary>Parameters and nothing to compute with them.</summary>
    private sealed class TensorModule : nn.Module
    {
        public TensorModule(IReadOnlyList<long[]> shapes)
            : base(nameof(TensorModule))
        {
            using var seeded = new Generator(7);
            for (var index = 0; index < shapes.Count; index++)
                register_parameter($"tensor_{index}", new Parameter(rand(shapes[index], generator: seeded)));
        }
    }
}
