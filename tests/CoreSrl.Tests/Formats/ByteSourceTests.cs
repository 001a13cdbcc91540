using System.Buffers;
using CoreSrl.Abstractions;
using CoreSrl.Formats;
using CoreSrl.Formats.Safetensors;

namespace CoreSrl.Tests.Formats;

public sealed class ByteSourceTests
{
    [Fact]
    public async Task A_table_in_a_storage_takes_two_small_reads()
    {
        var storage = new ReadOnlyStorage(Fixture.Bytes("good.safetensors"));
        var stored = new ObjectInfo("c/x.safetensors", 234, "tag", DateTimeOffset.UnixEpoch);

        var file = await SafetensorsReader.OpenAsync(new StorageSource(storage, stored));

        Assert.Equal([(0, 8), (8, 162)], storage.Reads);
        Assert.Equal("memory/c/x.safetensors", file.Source.Name);
        Assert.Equal(40, (await file.Content(file["b"])).Length);
    }

    [Fact]
    public async Task A_file_that_becomes_shorter_while_it_is_read_is_an_IO_error()
    {
        var path = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(path, new byte[100]);
            using var source = new FileSource(path);
            await File.WriteAllBytesAsync(path, new byte[10]);

            var error = await Assert.ThrowsAsync<EndOfStreamException>(() => source.ReadAsync(0, new byte[100], default).AsTask());

            Assert.Equal($"{path} has become shorter than 100 bytes while it was read.", error.Message);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private sealed class ReadOnlyStorage(byte[] content) : ICheckpointStorage
    {
        public List<(long Offset, int Length)> Reads { get; } = [];

        public string Location => "memory";

        public StorageCapabilities Capabilities => new();

        public ValueTask ReadAsync(string key, long offset, Memory<byte> destination, CancellationToken cancellationToken)
        {
            Assert.Equal("c/x.safetensors", key);
            Reads.Add((offset, destination.Length));
            content.AsMemory((int)offset, destination.Length).CopyTo(destination);
            return ValueTask.CompletedTask;
        }

        public ValueTask<ObjectInfo?> StatAsync(string key, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<ObjectInfo> WriteAsync(
            string key, ReadOnlySequence<byte> content, WriteCondition condition, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public ValueTask DeleteAsync(string key, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
