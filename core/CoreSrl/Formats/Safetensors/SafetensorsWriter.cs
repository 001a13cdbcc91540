using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using CoreSrl.Abstractions;

namespace CoreSrl.Formats.Safetensors;

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
        var all = tensors.ToArray();
        var layout = Layout(all.Select(tensor => tensor.Info), metadata);
        var content = all.ToDictionary(tensor => tensor.Info.Name, tensor => tensor.Content, StringComparer.Ordinal);
        return layout.Fill(info => content[info.Name]);
    }

    /// <summary>The whole file, as a source that fetches the tensors' bytes when they are read.</summary>
    /// <param name="name">What to call the file in messages.</param>
    /// <param name="tensors">The tensors in any order; the file has its own.</param>
    /// <param name="metadata">As for <see cref="Write"/>.</param>
    /// <exception cref="ArgumentException">As for <see cref="Write"/>.</exception>
    public static CompositeSource ToSource(
        string name, IEnumerable<TensorSource> tensors, IEnumerable<KeyValuePair<string, string>>? metadata = null)
    {
        var all = tensors.ToArray();
        var layout = Layout(all.Select(tensor => tensor.Info), metadata);
        var content = all.ToDictionary(tensor => tensor.Info.Name, StringComparer.Ordinal);
        return layout.ToSource(name, info => content[info.Name]);
    }

    /// <summary>How a file of these tensors is laid out; their bytes are not needed for it.</summary>
    /// <param name="tensors">The tensors in any order; the file has its own.</param>
    /// <param name="metadata">As for <see cref="Write"/>.</param>
    /// <exception cref="ArgumentException">As for <see cref="Write"/>.</exception>
    public static TensorLayout Layout(
        IEnumerable<TensorInfo> tensors, IEnumerable<KeyValuePair<string, string>>? metadata = null)
    {
        var ordered = InFileOrder(tensors);
        var around = new ReadOnlyMemory<byte>[ordered.Length + 1];
        around[0] = Header(ordered, metadata ?? []);
        return new TensorLayout(ordered, ImmutableCollectionsMarshal.AsImmutableArray(around));
    }

    private static TensorInfo[] InFileOrder(IEnumerable<TensorInfo> tensors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal) { SafetensorsHeader.MetadataKey };
        // The reference compares names as UTF-8, whose order differs from that of UTF-16 beyond the basic plane.
        var keyed = tensors.Select(info => (Info: info, Key: Encoding.UTF8.GetBytes(info.Name))).ToArray();
        foreach (var (info, _) in keyed)
        {
            if (!names.Add(info.Name))
                throw new ArgumentException($"There is a second tensor '{info.Name}', or the name is reserved.", nameof(tensors));
        }

        Array.Sort(keyed, (left, right) =>
        {
            var byType = SafetensorsDtype.Rank(right.Info.Type).CompareTo(SafetensorsDtype.Rank(left.Info.Type));
            return byType != 0 ? byType : left.Key.AsSpan().SequenceCompareTo(right.Key);
        });
        return Array.ConvertAll(keyed, entry => entry.Info);
    }

    private static byte[] Header(TensorInfo[] ordered, IEnumerable<KeyValuePair<string, string>> metadata)
    {
        var buffer = new ArrayBufferWriter<byte>();
        buffer.Write(new byte[SafetensorsHeader.PrefixLength]);
        using (var json = new Utf8JsonWriter(buffer, Compact))
            WriteTable(json, ordered, metadata);

        var padding = -buffer.WrittenCount & 7;
        buffer.GetSpan(padding)[..padding].Fill((byte)' ');
        buffer.Advance(padding);

        var length = buffer.WrittenCount - SafetensorsHeader.PrefixLength;
        if (length > SafetensorsHeader.MaxLength)
            throw new ArgumentException($"The header takes {length} bytes; safetensors allows {SafetensorsHeader.MaxLength}.");
        var header = buffer.WrittenSpan.ToArray();
        BinaryPrimitives.WriteUInt64LittleEndian(header, (ulong)length);
        return header;
    }

    private static void WriteTable(Utf8JsonWriter json, TensorInfo[] ordered, IEnumerable<KeyValuePair<string, string>> metadata)
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
        foreach (var info in ordered)
        {
            json.WriteStartObject(info.Name);
            json.WriteString("dtype", SafetensorsDtype.NameOf(info.Type));
            json.WriteStartArray("shape");
            foreach (var dimension in info.Shape)
                json.WriteNumberValue(dimension);
            json.WriteEndArray();
            json.WriteStartArray("data_offsets");
            json.WriteNumberValue(offset);
            offset = checked(offset + info.ByteLength);
            json.WriteNumberValue(offset);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}
