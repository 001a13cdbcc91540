using System.Buffers;
using System.Collections.Immutable;
using System.IO.Hashing;
using System.Text.Json;
using CoreSrl.Abstractions;
using CoreSrl.Formats;
using CoreSrl.Formats.Pt;
using CoreSrl.Formats.Safetensors;

namespace CoreSrl.Tests.Formats;

/// <summary>The files in the folder Fixtures, and what <c>expected.json</c> says of the good ones.</summary>
internal static class Fixture
{
    private static readonly string Folder = FindFolder();
    private static readonly JsonElement Expectations = JsonDocument.Parse(File.ReadAllBytes(PathOf("expected.json"))).RootElement;

    public static string PathOf(string name) => Path.Combine(Folder, name);

    public static byte[] Bytes(string name) => File.ReadAllBytes(PathOf(name));

    public static IByteSource Source(string name) => new SequenceSource(name, new(Bytes(name)));

    public static ValueTask<TensorFile> Open(string name, byte[] bytes) => Open(new SequenceSource(name, new(bytes)));

    public static ValueTask<TensorFile> Open(IByteSource source) =>
        source.Name.EndsWith(".pt", StringComparison.Ordinal) ? PtReader.OpenAsync(source) : SafetensorsReader.OpenAsync(source);

    /// <summary>What PyTorch says that the tensors of a .pt file are: description and CRC-32 of the row-major bytes.</summary>
    public static IEnumerable<(TensorInfo Info, uint Crc)> Expected(string name, string prefix = "") =>
        from entry in Expectations.GetProperty(name).EnumerateObject()
        let shape = entry.Value.GetProperty("shape").EnumerateArray().Select(dimension => dimension.GetInt64()).ToImmutableArray()
        let type = Enum.Parse<TensorType>(entry.Value.GetProperty("dtype").GetString()!, ignoreCase: true)
        select (new TensorInfo(prefix + entry.Name, type, shape), entry.Value.GetProperty("crc32").GetUInt32());

    public static async Task<byte[]> Content(this TensorFile file, StoredTensor tensor)
    {
        var bytes = new byte[tensor.Info.ByteLength];
        await file.ReadAsync(tensor, 0, bytes);
        return bytes;
    }

    public static uint Crc(byte[] bytes) => Crc32.HashToUInt32(bytes);

    /// <summary>One tensor of each element type, with content that tells them apart, and the two shapes that are special.</summary>
    public static TensorBytes[] OneOfEachType()
    {
        var seed = 0;
        return
        [
            .. Enum.GetValues<TensorType>().Select(type => Tensor($"t.{type}", type, ++seed, 3, 5)),
            Tensor("scalar", TensorType.Float32, ++seed),
            Tensor("empty", TensorType.Float32, ++seed, 0, 4),
        ];
    }

    public static TensorBytes Tensor(string name, TensorType type, int seed, params ImmutableArray<long> shape)
    {
        var info = new TensorInfo(name, type, shape);
        var bytes = new byte[info.ByteLength];
        new Random(seed).NextBytes(bytes);
        if (type == TensorType.Bool)
        {
            for (var i = 0; i < bytes.Length; i++)
                bytes[i] &= 1;
        }

        return new TensorBytes(info, bytes);
    }

    /// <summary>A file of these tensors reads back to the same tensors, in the given order.</summary>
    public static async Task AssertReads(IEnumerable<TensorBytes> expected, string name, ReadOnlySequence<byte> written)
    {
        var file = await Open(new SequenceSource(name, written));
        var all = expected.ToArray();
        Assert.Equal(all.Select(tensor => tensor.Info), file.Tensors.Select(tensor => tensor.Info));
        foreach (var tensor in all)
            Assert.Equal(tensor.Content.ToArray(), await file.Content(file[tensor.Info.Name]));
    }

    private static string FindFolder()
    {
        var start = new DirectoryInfo(AppContext.BaseDirectory);
        for (var folder = start; folder is not null; folder = folder.Parent)
        {
            foreach (var relative in (string[])["Formats/Fixtures", "tests/CoreSrl.Tests/Formats/Fixtures"])
            {
                var candidate = Path.Combine(folder.FullName, relative);
                if (File.Exists(Path.Combine(candidate, "expected.json")))
                    return candidate;
            }
        }

        throw new DirectoryNotFoundException($"There is no folder Formats/Fixtures above {start}.");
    }
}
