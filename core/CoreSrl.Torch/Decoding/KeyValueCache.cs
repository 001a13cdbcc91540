using static TorchSharp.torch;

namespace CoreSrl.Torch;

/// <summary>
/// The keys and values of tokens already read, so that each further token of a text costs one step. Holds room for a fixed number of
/// columns; every forward pass appends its own. Only without gradients.
/// </summary>
public sealed class KeyValueCache : IDisposable
{
    private readonly Tensor[] _keys;
    private readonly Tensor[] _values;

    /// <summary>Makes room.</summary>
    /// <param name="config">The decoder's shape.</param>
    /// <param name="batch">The number of sequences.</param>
    /// <param name="columns">The most tokens that each can hold, padding included.</param>
    /// <param name="device">Where the decoder's weights lie.</param>
    /// <param name="type">The type of the decoder's weights.</param>
    public KeyValueCache(DecoderConfig config, long batch, long columns, Device device, ScalarType type = ScalarType.Float32)
    {
        ArgumentNullException.ThrowIfNull(config);
        Tensor Room(int layer) => zeros([batch, config.KeyValueHeads, columns, config.HeadDim], type, device).DetachFromDisposeScope();
        _keys = [.. Enumerable.Range(0, config.Layers).Select(Room)];
        _values = [.. Enumerable.Range(0, config.Layers).Select(Room)];
        Columns = columns;
    }

    /// <summary>The most tokens that each sequence can hold.</summary>
    public long Columns { get; }

    /// <summary>The columns filled so far.</summary>
    public long Length { get; private set; }

    /// <summary>Appends a layer's keys and values [B, kv heads, T, d] and returns all of that layer's so far.</summary>
    internal (Tensor Keys, Tensor Values) Append(int layer, Tensor keys, Tensor values)
    {
        var added = keys.shape[2];
        _keys[layer].narrow(2, Length, added).copy_(keys);
        _values[layer].narrow(2, Length, added).copy_(values);
        return (_keys[layer].narrow(2, 0, Length + added), _values[layer].narrow(2, 0, Length + added));
    }

    /// <summary>Counts the columns that all layers have appended in one pass.</summary>
    internal void Advance(long columns) => Length += columns;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in _keys.Concat(_values))
            tensor.Dispose();
    }
}
