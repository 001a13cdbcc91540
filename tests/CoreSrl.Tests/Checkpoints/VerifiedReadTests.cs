using System.Buffers;
using CoreSrl.Abstractions;
using CoreSrl.Checkpoints;
using CoreSrl.Checkpoints.Loading;
using CoreSrl.Checkpoints.Storing;
using CoreSrl.Tests.Fakes;

namespace CoreSrl.Tests.Checkpoints;

/// <summary>How a file is read that is compared with its digests.</summary>
public sealed class VerifiedReadTests
{
    private const int Length = (2 * FileRecord.PartLength) + 12_345;

    // A round trip over a network costs as much as megabytes; a processor's cache does not hold them.
    [Theory]
    [InlineData(false, 3)]
    [InlineData(true, 17)]
    public async Task Over_a_network_a_part_is_read_in_one_call(bool isLocal, int calls)
    {
        var storage = new MemoryStorage { Capabilities = new() { IsLocal = isLocal } };
        var tensors = new[] { Tensor("small", 1000), Tensor("large", Length - 1000) };
        new Random(3).NextBytes(storage.Objects["file"] = new byte[Length]);
        var record = FileDigest.Of(new ReadOnlySequence<byte>(storage.Objects["file"]));
        Assert.Null(await new VerifiedRead(storage, "file", record).CheckAsync(default));
        Assert.Equal(calls, storage.Reads.Count);
        Assert.Equal(Length, storage.Reads.Sum());

        Assert.Null(await new VerifiedRead(storage, "file", record).ReadAsync([new(0, tensors[0]), new(1000, tensors[1])], default));
        Assert.Equal<byte[]>(storage.Objects["file"], [.. tensors[0].Bytes, .. tensors[1].Bytes]);

        storage.Objects["file"][FileRecord.PartLength] ^= 1;
        Assert.Contains($"from byte {FileRecord.PartLength} to {2 * FileRecord.PartLength}", await new VerifiedRead(storage, "file", record).CheckAsync(default));
    }

    private static ManagedTensor Tensor(string name, int bytes) => new(TensorPart.Adapter, new(name, TensorType.UInt8, bytes));
}
