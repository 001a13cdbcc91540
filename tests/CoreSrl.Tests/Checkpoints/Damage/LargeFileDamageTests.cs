using CoreSrl.Abstractions;
using CoreSrl.Checkpoints;
using CoreSrl.Tests.Fakes;
using CoreSrl.Tests.Storage;

namespace CoreSrl.Tests.Checkpoints.Damage;

/// <summary>Files of several parts, each with its digest: the message says in which part the damage is.</summary>
public sealed class LargeFileDamageTests
{
    private const int Part = FileRecord.PartLength;
    private const int Seed = 43;

    public static TheoryData<TensorPart> Parts => [TensorPart.Weights, TensorPart.Adapter, TensorPart.Frozen];

    [Theory]
    [MemberData(nameof(Parts))]
    public async Task Damage_is_told_with_the_range_of_bytes_that_it_is_in(TensorPart part)
    {
        using var folder = new TemporaryFolder();
        var (id, file, key) = await SaveAsync(folder, part);
        var length = new FileInfo(folder[key]).Length;
        var random = new Random(Seed);
        foreach (var (start, end) in new[] { (0L, (long)Part), (Part, 2L * Part), (2L * Part, length) })
        {
            // Its first byte, its last, and one in between; of the file, the first is the header's and the last a table's.
            foreach (var at in part == TensorPart.Frozen ? [random.NextInt64(start, end)] : new[] { start, random.NextInt64(start, end), end - 1 })
            {
                Flip(folder[key], at);
                await AssertToldAsync(folder, id, file, $" from byte {start} to {end}; ", $"seed {Seed}, byte {at} of {length}");
                Flip(folder[key], at);
            }
        }

        // Of several damaged parts the first is told.
        Flip(folder[key], 2L * Part);
        Flip(folder[key], Part + 5);
        await AssertToldAsync(folder, id, file, $" from byte {Part} to {2 * Part}; ", "two parts");
        Flip(folder[key], 2L * Part);
        Flip(folder[key], Part + 5);
        await AssertWholeAsync(folder, id, part);
    }

    [Fact]
    public async Task A_large_file_that_was_cut_or_extended_is_told_with_both_lengths()
    {
        using var folder = new TemporaryFolder();
        var (id, file, key) = await SaveAsync(folder, TensorPart.Weights);
        var length = new FileInfo(folder[key]).Length;
        foreach (var now in new[] { length + 1, length - 1, 2L * Part, Part, 1 })
        {
            using (var stream = File.OpenWrite(folder[key]))
                stream.SetLength(now);
            await AssertToldAsync(folder, id, file, $" has {now} bytes; {length} were written.", $"{now} bytes");
        }
    }

    [Fact]
    public async Task A_list_of_parts_that_is_not_the_files_is_told()
    {
        using var folder = new TemporaryFolder();
        var (id, file, _) = await SaveAsync(folder, TensorPart.Weights);
        var metadata = folder[id, "metadata.json"];
        var whole = await File.ReadAllBytesAsync(metadata);
        var digests = SealedText.Parts(whole, file);
        Assert.Equal(3, digests.Count);
        string[] wrong = [digests[0], new string('0', 32), digests[2]];
        foreach (var (parts, named, says) in new (string[], string, string)[]
        {
            (wrong, file, $" from byte {Part} to {2 * Part}; {new string('0', 32)} was written."),
            ([digests[1], digests[0], digests[2]], file, $" from byte 0 to {Part}; {digests[1]} was written."),
            ([digests[0], digests[1]], "metadata.json", "not that of its parts"),
            ([.. digests, digests[0]], "metadata.json", "not that of its parts"),
            ([digests[0], digests[1], "x"], "metadata.json", "a file's digest is none"),
            ([], file, ""), // The digest of the whole is left, and it is right.
        })
        {
            await File.WriteAllBytesAsync(metadata, SealedText.WithParts(whole, file, parts));
            if (parts.Length == 0)
                await AssertWholeAsync(folder, id, TensorPart.Weights);
            else
                await AssertToldAsync(folder, id, named, says, string.Join(' ', parts));
        }
    }

    private static async Task<(string Id, string File, string Key)> SaveAsync(TemporaryFolder folder, TensorPart part)
    {
        await using var manager = await CheckpointManager.OpenAsync(StorageCalls.Open(folder.Path));
        var id = (await (await manager.SaveAsync(1, null, State(part, known: true)))).Id;
        var record = await manager.DescribeAsync(id);
        var file = part switch
        {
            TensorPart.Weights => "model_weights/model.safetensors",
            TensorPart.Adapter => "lora_weights/lora_0.pt",
            _ => $"base_weights/{record.BaseWeights.Keys.Single()}.safetensors",
        };
        return (id, file, part == TensorPart.Frozen ? file : $"{id}/{file}");
    }

    /// <summary>Several tensors, one of which lies in all three parts.</summary>
    private static TensorState State(TensorPart part, bool known)
    {
        var (small, large) = (new ManagedTensor(part, new("small", TensorType.UInt8, 1000)), new ManagedTensor(part, new("large", TensorType.UInt8, (2 * Part) + 5000)));
        if (known)
        {
            new Random(Seed).NextBytes(small.Bytes);
            new Random(Seed + 1).NextBytes(large.Bytes);
        }

        return new(small, large);
    }

    private static void Flip(string path, long at)
    {
        using var file = File.Open(path, FileMode.Open);
        file.Position = at;
        var value = file.ReadByte();
        file.Position = at;
        file.WriteByte((byte)(value ^ 16));
    }

    private static async Task AssertToldAsync(TemporaryFolder folder, string id, string file, string says, string context)
    {
        await using var manager = await CheckpointManager.OpenReadOnlyAsync(StorageCalls.Open(folder.Path));
        var verdict = await manager.VerifyAsync(id);
        Assert.True(verdict.Problems is [{ } problem] && problem.File == file && problem.Message.Contains(says, StringComparison.Ordinal), $"{context}: {string.Join(' ', verdict.Problems)}");
        var part = file.StartsWith("base_weights/", StringComparison.Ordinal) ? TensorPart.Frozen : file.EndsWith(".pt", StringComparison.Ordinal) ? TensorPart.Adapter : TensorPart.Weights;
        var error = await Assert.ThrowsAsync<DamagedCheckpointException>(() => manager.RestoreAsync(id, State(part, known: false)));
        Assert.True(error.CheckpointId == id && error.File == file && error.Message.Contains(says, StringComparison.Ordinal), $"{context}: {error.Message}");
    }

    private static async Task AssertWholeAsync(TemporaryFolder folder, string id, TensorPart part)
    {
        await using var manager = await CheckpointManager.OpenReadOnlyAsync(StorageCalls.Open(folder.Path));
        Assert.Empty((await manager.VerifyAsync(id)).Problems);
        var (expected, actual) = (State(part, known: true), State(part, known: false));
        await manager.RestoreAsync(id, actual);
        foreach (var (one, other) in expected.Tensors.Cast<ManagedTensor>().Zip(actual.Tensors.Cast<ManagedTensor>()))
            Assert.True(one.Bytes.AsSpan().SequenceEqual(other.Bytes), one.Info.Name);
    }
}
