using System.Buffers.Binary;
using CoreSrl.Abstractions;

namespace CoreSrl.Formats.Safetensors;

/// <summary>Reads the table of a safetensors file, in two small reads, and refuses whatever the format forbids.</summary>
public static class SafetensorsReader
{
    /// <summary>
    /// Reads and checks the table. Of a file that passes, every byte behind the header belongs to exactly one tensor, and every
    /// tensor has as many bytes as its type and shape say.
    /// </summary>
    /// <exception cref="CheckpointFormatException">The file breaks a rule of the format, or holds an element type that Core SRL
    /// does not have.</exception>
    public static async ValueTask<TensorFile> OpenAsync(IByteSource source, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (source.Length < SafetensorsHeader.PrefixLength)
            throw SafetensorsHeader.Refuse(source.Name, $"{source.Length} bytes are too few for a safetensors file");
        var prefix = new byte[SafetensorsHeader.PrefixLength];
        await source.ReadAsync(0, prefix, cancellationToken).ConfigureAwait(false);

        var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        var room = source.Length - SafetensorsHeader.PrefixLength;
        if (length > (ulong)room)
        {
            throw SafetensorsHeader.Refuse(
                source.Name, $"the header's length, {length}, reaches beyond the end of the file ({source.Length} bytes)");
        }

        if (length > SafetensorsHeader.MaxLength)
        {
            throw SafetensorsHeader.Refuse(
                source.Name, $"the header's length, {length}, exceeds the {SafetensorsHeader.MaxLength} bytes that the format allows");
        }

        var json = new byte[length];
        await source.ReadAsync(SafetensorsHeader.PrefixLength, json, cancellationToken).ConfigureAwait(false);
        var header = SafetensorsHeader.Parse(source.Name, json);
        return new TensorFile(source, header.Place(source.Length), header.Metadata);
    }
}
