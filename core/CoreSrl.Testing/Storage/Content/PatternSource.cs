using CoreSrl.Abstractions;

namespace CoreSrl.Testing;

/// <summary>A pattern as a source, with a place to make its reads wait or fail.</summary>
internal sealed class PatternSource(Pattern pattern, long length) : IByteSource
{
    private volatile string? _misuse;
    private int _reads;

    /// <summary>Called with the end of the range before each read.</summary>
    public Func<long, CancellationToken, Task> Before { get; init; } = (_, _) => Task.CompletedTask;

    /// <summary>What somebody asked for that nobody may ask for.</summary>
    public string? Misuse => _misuse;

    /// <summary>How often it was asked.</summary>
    public int Reads => Volatile.Read(ref _reads);

    public string Name => "conformance source";

    public long Length => length;

    public async ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _reads);
        if (offset < 0 || offset > length - destination.Length)
            _misuse = $"{destination.Length} bytes from byte {offset} on were asked of a source of {length} bytes";
        await Before(offset + destination.Length, cancellationToken).ConfigureAwait(false);
        pattern.Fill(offset, destination.Span);
    }
}
