using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace CoreSrl.Formats;

/// <summary>
/// Lays tensors out as a safetensors file, byte for byte as the reference implementation does: 8 bytes with the header's length
/// (little-endian), the header (JSON, <c>__metadata__</c> first, padded with spaces so that the tensors begin at a multiple of 8),
/// the tensors without gaps, those of the widest elements first, then by name. Source: the safetensors README and tensor.rs.
/// </summary>
public static class SafetensorsWriter
{
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The whole file. The tensors' bytes are referred to, not copied.</summary>
    /// <param name="tensors">The tensors in any order; the file has its own.</param>
    /// <param name="metadata">Strings for <c>__metadata__</c>, written in ordinal order of their keys; null or empty for none.</param>
    /// <exception cref="ArgumentException">Two tensors have one name, one is called <c>__metadata__</c>, or the header would be
    /// longer than readers accept.</exception>
    public static ReadOnlySequence<byte> Write(
        IEnumerable<TensorBytes> tensors, IEnumerable<KeyValuePair<string, string>>? metadata = null)
    {
        var ordered = InFileOrder(tensors);
        var file = new SequenceBuilder();
        file.Append(Header(ordered, metadata ?? []));
        foreach (var tensor in ordered)
            file.Append(tensor.Content);
        return file.Build();
    }

    private static TensorBytes[] InFileOrder(IEnumerable<TensorBytes> tensors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal) { SafetensorsHeader.MetadataKey };
        // The reference compares names as UTF-8, whose order differs from that of UTF-16 beyond the basic plane.
        var keyed = tensors.Select(tensor => (Tensor: tensor, Key: Encoding.UTF8.GetBytes(tensor.Info.Name))).ToArray();
        foreach (var (tensor, _) in keyed)
        {
            if (!names.Add(tensor.Info.Name))
                throw new ArgumentException($"There is a second tensor '{tensor.Info.Name}', or the name is reserved.", nameof(tensors));
        }

        Array.Sort(keyed, (left, right) =>
            SafetensorsDtype.Rank(right.Tensor.Info.Type).CompareTo(SafetensorsDtype.Rank(left.Tensor.Info.Type)) is var byType and not 0
                ? byType
                : left.Key.AsSpan().SequenceCompareTo(right.Key));
        return Array.ConvertAll(keyed, entry => entry.Tensor);
    }

    private static ReadOnlyMemory<byte> Header(TensorBytes[] ordered, IEnumerable<KeyValuePair<string, string>> metadata)
    {
        var buffer = new ArrayBufferWriter<byte>();
        buffer.Advance(Clear(buffer.GetSpan(SafetensorsHeader.PrefixLength)));
        using (var json = new Utf8JsonWriter(buffer, Compact))
            WriteTable(json, ordered, metadata);

        var padding = -buffer.WrittenCount & 7;
        buffer.GetSpan(padding)[..padding].Fill((byte)' ');
        buffer.Advance(padding);

        var length = buffer.WrittenCount - SafetensorsHeader.PrefixLength;
        if (length > SafetensorsHeader.MaxLength)
            throw new ArgumentException($"The header takes {length} bytes; safetensors allows {SafetensorsHeader.MaxLength}.", nameof(ordered));
        var header = buffer.WrittenSpan.ToArray();
        BinaryPrimitives.WriteUInt64LittleEndian(header, (ulong)length);
        return header;

        static int Clear(Span<byte> span)
        {
            span[..SafetensorsHeader.PrefixLength].Clear();
            return SafetensorsHeader.PrefixLength;
        }
    }

    private static void WriteTable(Utf8JsonWriter json, TensorBytes[] ordered, IEnumerable<KeyValuePair<string, string>> metadata)
    {
        json.WriteStartObject();
        var pairs = metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal).ToArray();
        if (pairs.Length > 0)
        {
            json.WriteStartObject(SafetensorsHeader.MetadataKey);
            foreach (var (key, value) in pairs)
                json.WriteString(key, value);
            json.WriteEndObject();
        }

        var offset = 0L;
        foreach (var tensor in ordered)
        {
            json.WriteStartObject(tensor.Info.Name);
            json.WriteString("dtype", SafetensorsDtype.NameOf(tensor.Info.Type));
            json.WriteStartArray("shape");
            foreach (var dimension in tensor.Info.Shape)
                json.WriteNumberValue(dimension);
            json.WriteEndArray();
            json.WriteStartArray("data_offsets");
            json.WriteNumberValue(offset);
            offset = checked(offset + tensor.Info.ByteLength);
            json.WriteNumberValue(offset);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}
