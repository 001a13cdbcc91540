using System.Buffers.Binary;
using System.Collections.Immutable;
using System.IO.Hashing;
using CoreSrl.Abstractions;
using CoreSrl.Formats;
using CoreSrl.Formats.Pt;
using CoreSrl.Formats.Safetensors;
using CsCheck;

namespace CoreSrl.Tests.Formats;

/// <summary>What holds for any tensors, and for any bytes. CsCheck prints the seed of a failure.</summary>
public sealed class FormatPropertyTests
{
    private static readonly Gen<TensorBytes[]> Tensors =
        Gen.Select(
            Gen.String[Gen.Char.AlphaNumeric, 1, 40],
            Gen.Enum<TensorType>(),
            Gen.Long[0, 5].Array[0, 4],
            Gen.Int)
        .Select((name, type, shape, seed) => Fixture.Tensor(name, type, seed, ImmutableArray.Create(shape)))
        .Array[0, 12]
        .Select(tensors => tensors.DistinctBy(tensor => tensor.Info.Name).ToArray());

    private static readonly string[] StateDicts = ["lora.pt", "views.pt", "nested.pt", "parameter.pt"];
    private static readonly string[] Files = [.. StateDicts, "good.safetensors", "good_scalar_zero.safetensors"];
    private static readonly Gen<(int At, byte Value)[]> Changes = Gen.Select(Gen.Int[0, int.MaxValue], Gen.Byte).Array[1, 8];

    [Fact]
    public Task Any_state_dict_reads_back_as_it_was_written() =>
        Tensors.SampleAsync(tensors => Fixture.AssertReads(tensors, "x.pt", PtWriter.Write(tensors)), iter: 300);

    [Fact]
    public Task Any_tensors_read_back_from_safetensors_as_they_were_written() =>
        Tensors.SampleAsync(
            async tensors =>
            {
                var written = SafetensorsWriter.Write(tensors);
                var file = await Fixture.Open(new SequenceSource("x.safetensors", written));
                var inFileOrder = file.Tensors.Select(stored => tensors.Single(tensor => tensor.Info.Name == stored.Info.Name));
                await Fixture.AssertReads(inFileOrder, "x.safetensors", written);
                Assert.Equal(tensors.Length, file.Tensors.Length);
            },
            iter: 300);

    [Fact]
    public Task A_file_with_any_bytes_changed_reads_within_its_bounds_or_is_refused() =>
        Gen.Select(Gen.OneOfConst(Files), Changes)
            .SampleAsync((name, changes) => AssertReadsOrIsRefused(name, Changed(name, changes)), iter: 4000);

    [Fact]
    public Task A_pickle_with_any_bytes_changed_and_its_checksum_put_right_reads_within_its_bounds_or_is_refused() =>
        Gen.Select(Gen.OneOfConst(StateDicts), Changes)
            .SampleAsync((name, changes) => AssertReadsOrIsRefused(name, WithChangedPickle(name, changes)), iter: 8000);

    [Fact]
    public Task A_file_cut_anywhere_is_refused() =>
        Gen.Select(Gen.OneOfConst(Files), Gen.Int[0, int.MaxValue]).SampleAsync(
            async (name, at) =>
            {
                var bytes = Fixture.Bytes(name);
                await Assert.ThrowsAsync<CheckpointFormatException>(() => Fixture.Open(name, bytes[..(at % bytes.Length)]).AsTask());
            },
            iter: 2000);

    private static async Task AssertReadsOrIsRefused(string name, byte[] bytes)
    {
        var perByte = name.EndsWith(".pt", StringComparison.Ordinal) ? Hostile.PerByteOfPickle : Hostile.PerByteOfJson;
        var file = Hostile.Open($"{name}: ", bytes.Length, perByte, () => Fixture.Open(new BoundedSource(name, bytes)));
        if (file is null)
            return;
        foreach (var tensor in file.Tensors)
        {
            Assert.InRange(tensor.Info.ByteLength, 0, bytes.Length);
            await file.Content(tensor);
        }
    }

    private static byte[] Changed(string name, (int At, byte Value)[] changes)
    {
        var bytes = Fixture.Bytes(name);
        foreach (var (at, value) in changes)
            bytes[at % bytes.Length] = value;
        return bytes;
    }

    /// <summary>The checksum would catch the change first; whoever means harm puts it right.</summary>
    private static byte[] WithChangedPickle(string name, (int At, byte Value)[] changes)
    {
        var bytes = Fixture.Bytes(name);
        // data.pkl is the first entry and the first line of the directory.
        var nameLength = BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(26));
        var start = 30 + nameLength + BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(28));
        var line = bytes.AsSpan().IndexOf("PK\u0001\u0002"u8);
        var length = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(line + 24));
        foreach (var (at, value) in changes)
            bytes[start + (at % length)] = value;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(line + 16), Crc32.HashToUInt32(bytes.AsSpan(start, length)));
        return bytes;
    }
}
