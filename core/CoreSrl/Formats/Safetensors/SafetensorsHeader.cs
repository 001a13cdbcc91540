using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Unicode;
using CoreSrl.Abstractions;

namespace CoreSrl.Formats.Safetensors;

/// <summary>
/// The JSON header of a safetensors file. Rules: the README of safetensors ("Format") and the checks of its tensor.rs; a field of a
/// tensor that neither knows is passed over, as there.
/// </summary>
internal sealed class SafetensorsHeader
{
    public const string MetadataKey = "__metadata__";

    /// <summary>The bytes before the header; they hold its length.</summary>
    public const int PrefixLength = 8;

    /// <summary>The longest header that the reference implementation reads, in bytes.</summary>
    public const int MaxLength = 100_000_000;

    private readonly string _file;
    private readonly int _length;
    private readonly List<Entry> _entries = [];
    private readonly Dictionary<string, string> _metadata = new(StringComparer.Ordinal);

    private SafetensorsHeader(string file, int length)
    {
        _file = file;
        _length = length;
    }

    public IReadOnlyDictionary<string, string> Metadata => _metadata;

    /// <summary>Reads the JSON; where the tensors lie is not checked yet.</summary>
    /// <exception cref="CheckpointFormatException">It is not JSON in UTF-8, or does not say what a header has to say.</exception>
    public static SafetensorsHeader Parse(string file, ReadOnlySpan<byte> json)
    {
        if (!Utf8.IsValid(json))
            throw Refuse(file, "the header is not UTF-8");
        if (json.IsEmpty || json[0] != (byte)'{')
            throw Refuse(file, "the header does not begin with '{'");
        var header = new SafetensorsHeader(file, json.Length);
        try
        {
            var reader = new Utf8JsonReader(json);
            reader.Read();
            header.ReadTable(ref reader);
            // Behind the object only white space may follow: this throws on anything else.
            reader.Read();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: an escaped half of a surrogate pair, which is no text.
            throw new CheckpointFormatException(file, $"the header is not JSON: {e.Message.TrimEnd('.')}", Remedy, e);
        }

        return header;
    }

    /// <summary>The tensors in the order of their bytes, which must fill the file from the header to its end.</summary>
    /// <exception cref="CheckpointFormatException">There is a hole, an overlap, or bytes that belong to no tensor.</exception>
    public ImmutableArray<StoredTensor> Place(long fileLength)
    {
        var start = PrefixLength + _length;
        var length = fileLength - start;
        var end = 0L;
        var placed = ImmutableArray.CreateBuilder<StoredTensor>(_entries.Count);
        foreach (var entry in _entries.OrderBy(entry => entry.Begin).ThenBy(entry => entry.End))
        {
            var name = entry.Info.Name;
            if (entry.Begin > end)
                throw Refuse(_file, $"there is a hole of {entry.Begin - end} bytes before tensor '{name}'");
            if (entry.Begin < end)
                throw Refuse(_file, $"tensor '{name}' overlaps the one before it by {end - entry.Begin} bytes");
            end = entry.End;
            if (end > length)
                throw Refuse(_file, $"tensor '{name}' ends beyond the end of the file, which is truncated by {end - length} B");
            placed.Add(new StoredTensor(entry.Info, start + entry.Begin, StoredTensor.RowMajorStrides(entry.Info)));
        }

        if (end != length)
            throw Refuse(_file, $"bytes that belong to no tensor follow the last one: {length - end} B");
        return placed.MoveToImmutable();
    }

    public static CheckpointFormatException Refuse(string file, string problem) => new(file, problem, Remedy);

    private const string Remedy = "Restore the file from a good copy, or write it again with a safetensors library";

    private void ReadTable(ref Utf8JsonReader reader)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        while (NextName(ref reader) is { } name)
        {
            if (!names.Add(name))
                throw Refuse(_file, $"the header names '{name}' twice");
            if (name == MetadataKey)
                ReadMetadata(ref reader);
            else if (name.Length == 0)
                throw Refuse(_file, "the header holds a tensor without a name");
            else
                _entries.Add(ReadEntry(ref reader, name));
        }
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        Expect(ref reader, JsonTokenType.StartObject, MetadataKey, "an object");
        while (NextName(ref reader) is { } key)
        {
            Expect(ref reader, JsonTokenType.String, $"{MetadataKey} '{key}'", "a string");
            if (!_metadata.TryAdd(key, reader.GetString()!))
                throw Refuse(_file, $"{MetadataKey} names '{key}' twice");
        }
    }

    private Entry ReadEntry(ref Utf8JsonReader reader, string name)
    {
        TensorType? type = null;
        ImmutableArray<long>? shape = null;
        ImmutableArray<long>? offsets = null;
        Expect(ref reader, JsonTokenType.StartObject, $"tensor '{name}'", "an object");
        while (NextName(ref reader) is { } field)
        {
            switch (field)
            {
                case "dtype" when type is not null:
                case "shape" when shape is not null:
                case "data_offsets" when offsets is not null:
                    throw Refuse(_file, $"tensor '{name}' has a second '{field}'");
                case "dtype":
                    Expect(ref reader, JsonTokenType.String, $"the dtype of tensor '{name}'", "a string");
                    type = SafetensorsDtype.Parse(reader.GetString()!) ?? throw Refuse(
                        _file, $"tensor '{name}' has dtype {reader.GetString()}, which is not among {SafetensorsDtype.Known}");
                    break;
                case "shape":
                    shape = ReadNumbers(ref reader, $"the shape of tensor '{name}'");
                    break;
                case "data_offsets":
                    offsets = ReadNumbers(ref reader, $"the data_offsets of tensor '{name}'");
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        if (type is null || shape is null || offsets is not [var begin, var end])
            throw Refuse(_file, $"tensor '{name}' lacks its dtype, its shape or its two data_offsets");
        if (end < begin)
            throw Refuse(_file, $"the data_offsets of tensor '{name}' are reversed: {begin}, {end}");
        return new Entry(Describe(name, type.Value, shape.Value, end - begin), begin, end);
    }

    private TensorInfo Describe(string name, TensorType type, ImmutableArray<long> shape, long length)
    {
        TensorInfo info;
        try
        {
            info = new TensorInfo(name, type, shape);
        }
        catch (OverflowException e)
        {
            throw new CheckpointFormatException(_file, $"the shape of tensor '{name}' overflows: [{string.Join(", ", shape)}]", Remedy, e);
        }

        return info.ByteLength == length
            ? info
            : throw Refuse(_file, $"tensor '{info}' takes {info.ByteLength} bytes, but its data_offsets enclose {length}");
    }

    private ImmutableArray<long> ReadNumbers(ref Utf8JsonReader reader, string what)
    {
        Expect(ref reader, JsonTokenType.StartArray, what, "an array");
        var numbers = ImmutableArray.CreateBuilder<long>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || reader.ValueSpan[0] == (byte)'-' || !reader.TryGetInt64(out var number))
                throw Refuse(_file, $"{what} must be whole numbers from 0 to 2^63");
            numbers.Add(number);
        }

        return numbers.ToImmutable();
    }

    /// <summary>The next name of the current object, or null at its end.</summary>
    private static string? NextName(ref Utf8JsonReader reader) =>
        reader.Read() && reader.TokenType == JsonTokenType.PropertyName ? reader.GetString() : null;

    private void Expect(ref Utf8JsonReader reader, JsonTokenType token, string what, string kind)
    {
        if (!reader.Read() || reader.TokenType != token)
            throw Refuse(_file, $"{what} is not {kind}");
    }

    private sealed record Entry(TensorInfo Info, long Begin, long End);
}
