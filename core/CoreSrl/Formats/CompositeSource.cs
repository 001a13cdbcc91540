using CoreSrl.Abstractions;

namespace CoreSrl.Formats;

/// <summary>Sources one behind the other, read as one.</summary>
public sealed class CompositeSource : IByteSource
{
    private readonly IByteSource[] _parts;
    private readonly long[] _starts;

    /// <summary>Puts the sources one behind the other.</summary>
    /// <param name="name">What to call the whole in messages.</param>
    /// <param name="parts">The sources in their order; their lengths must not change.</param>
    /// <exception cref="OverflowException">Together they are larger than 2^63 bytes.</exception>
    public CompositeSource(string name, IEnumerable<IByteSource> parts)
    {
        ArgumentNullException.ThrowIfNull(name);
        // Without the empty ones, every offset belongs to exactly one part.
        _parts = [.. parts.Where(part => part.Length > 0)];
        _starts = new long[_parts.Length];
        for (var i = 0; i < _parts.Length; i++)
        {
            _starts[i] = Length;
            Length = checked(Length + _parts[i].Length);
        }

        Name = name;
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public long Length { get; }

    /// <summary>Fills <paramref name="destination"/>, part by part; what a part throws passes through.</summary>
    public async ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - destination.Length);
        if (destination.IsEmpty)
            return;
        var found = Array.BinarySearch(_starts, offset);
        for (var part = found >= 0 ? found : ~found - 1; !destination.IsEmpty; part++)
        {
            var within = offset - _starts[part];
            var count = (int)Math.Min(destination.Length, _parts[part].Length - within);
            await _parts[part].ReadAsync(within, destination[..count], cancellationToken).ConfigureAwait(false);
            offset += count;
            destination = destination[count..];
        }
    }
}
