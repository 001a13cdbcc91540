using System.Buffers.Binary;
using System.Text.Json.Nodes;
using static TorchSharp.torch;

namespace CoreSrl.Torch;

/// <summary>The state of a random number generator (on the CPU, as all that TorchSharp 0.107 can make are), in base64.</summary>
internal sealed class GeneratorPart(string label, Generator? generator) : IRemembering
{
    // CPUGeneratorImpl.cpp of libtorch: u64 seed, i32 left, i32 seeded, u64 next, and then the numbers themselves.
    private const int LeftAt = 8, SeededAt = 12, NextAt = 16, Numbers = 624;

    /// <inheritdoc/>
    public string Label => label;

    /// <inheritdoc/>
    public string Kind => "mt19937";

    /// <inheritdoc/>
    public JsonObject Capture() => new() { ["state"] = Convert.ToBase64String(Bytes()) };

    /// <inheritdoc/>
    public Action Prepare(JsonNode? stored)
    {
        var text = StoredJson.TextOf(StoredJson.ObjectOf(stored, ["state"], label)["state"], label);
        var bytes = new byte[Bytes().Length];
        if (!Convert.TryFromBase64String(text, bytes, out var length) || length != bytes.Length || !IsWhole(bytes))
            throw new FormatException($"{label}: the stored text is no state of torch's random number generator.");
        return () =>
        {
            using var state = tensor(bytes);
            WithGenerator(live => live.set_state(state));
        };
    }

    // Torch checks the same, and ends the process when it does not hold.
    private static bool IsWhole(ReadOnlySpan<byte> state) =>
        BinaryPrimitives.ReadInt32LittleEndian(state[LeftAt..]) is > 0 and <= Numbers
        && BinaryPrimitives.ReadInt32LittleEndian(state[SeededAt..]) == 1
        && BinaryPrimitives.ReadUInt64LittleEndian(state[NextAt..]) <= Numbers;

    private byte[] Bytes()
    {
        byte[] bytes = [];
        WithGenerator(live =>
        {
            using var state = live.get_state();
            bytes = state.bytes.ToArray();
        });
        return bytes;
    }

    // Generator.Default is a new object each time, whose finalizer must not run under the native call.
    private void WithGenerator(Action<Generator> use)
    {
        if (generator is not null)
        {
            use(generator);
            GC.KeepAlive(generator);
            return;
        }

        using var standard = Generator.Default;
        use(standard);
    }
}
