using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using CoreSrl.Plugins.ChatModels.Asking;

namespace CoreSrl.Plugins.ChatModels.Recording;

/// <summary>
/// The file in which a model's requests stand with their answers, one JSON object a line. A line is on the disk before its answer is
/// used, so that a run which dies plays what it lost again to the same bits, and nothing is paid twice.
/// </summary>
/// <remarks>What is in the file is found by a digest of all that makes a request. Neither keys nor headers are in it.</remarks>
internal sealed class RecordingFile : IDisposable
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    private static ReadOnlySpan<byte> Beginning => "{\"key\":\""u8;

    private readonly FileStream _file;
    private readonly Dictionary<UInt128, (long Offset, int Length)> _lines = [];
    private readonly SemaphoreSlim _gate = new(1);

    private RecordingFile(string path, FileStream file)
    {
        Path = path;
        _file = file;
    }

    /// <summary>Where it lies.</summary>
    public string Path { get; }

    /// <summary>Opens a recording, or begins one. What a process that died left of a last line is cut off.</summary>
    /// <param name="path">Where it lies.</param>
    /// <param name="readOnly">Whether nothing is to be added.</param>
    /// <exception cref="InvalidOperationException">It cannot be opened, is in use, or is damaged.</exception>
    public static RecordingFile Open(string path, bool readOnly)
    {
        path = System.IO.Path.GetFullPath(path);
        FileStream file;
        try
        {
            if (!readOnly && System.IO.Path.GetDirectoryName(path) is { } folder)
                Directory.CreateDirectory(folder);
            file = readOnly
                ? new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0)
                : new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidOperationException(
                e is FileNotFoundException or DirectoryNotFoundException ? $"Recording {path} is not there, and ReplayOnly answers from nothing else."
                : $"Recording {path} cannot be opened: {e.Message.TrimEnd('.')}. Each model of each run needs a file of its own.", e);
        }

        try
        {
            var recording = new RecordingFile(path, file);
            recording.ReadLines(readOnly);
            return recording;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The digest of all that makes a request. The server's address is not part of it: a server may move.</summary>
    public static UInt128 KeyOf(ChatModelOptions options, Question question) => new Digest(
        options is ClaudeOptions ? "claude" : "openai", options.Model!, options.SentTemperature, options.MaxTokens, question).Key();

    /// <summary>A key as it stands in the file.</summary>
    public static string Name(UInt128 key) => key.ToString("x32");

    /// <summary>What was recorded of a request; null when nothing was.</summary>
    public RecordedAnswer? Find(UInt128 key)
    {
        _gate.Wait();
        try
        {
            return _lines.TryGetValue(key, out var line) ? Read(line.Offset, line.Length) : null;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Records what came of a request.</summary>
    /// <returns>It, on the disk; or what was recorded of the same request meanwhile.</returns>
    public async Task<RecordedAnswer> AddAsync(UInt128 key, RecordedAnswer answer)
    {
        var text = JsonSerializer.SerializeToUtf8Bytes(new Line(Name(key), answer.Model, answer.Question, answer.Answer, answer.Unavailable), Json);
        await _gate.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_lines.TryGetValue(key, out var there))
                return Read(there.Offset, there.Length);
            _lines.Add(key, (Append([.. text, (byte)'\n']), text.Length));
            return answer;
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose()
    {
        _file.Dispose();
        _gate.Dispose();
    }

    private long Append(byte[] line)
    {
        var offset = _file.Length;
        try
        {
            _file.Position = offset;
            _file.Write(line);
            _file.Flush(flushToDisk: true);
            return offset;
        }
        catch (IOException e)
        {
            _file.SetLength(offset); // Half a line would spoil the next.
            throw new ServerException($"an answer could not be recorded in {Path}: {e.Message.TrimEnd('.')}");
        }
    }

    private RecordedAnswer Read(long offset, int length)
    {
        var line = Parse(Bytes(offset, length)) ?? throw new ServerException($"{Path} was changed while it was in use");
        return new(line.Model, line.Question, line.Answer, line.Unavailable);
    }

    private byte[] Bytes(long offset, int length)
    {
        var bytes = new byte[length];
        _file.Position = offset;
        _file.ReadExactly(bytes);
        return bytes;
    }

    private void ReadLines(bool readOnly)
    {
        var (start, number) = (0L, 0);
        foreach (var end in LineEnds())
        {
            number++;
            if (Parse(Bytes(start, (int)(end - start))) is not { } line || !UInt128.TryParse(line.Key, NumberStyles.HexNumber, null, out var key))
                throw new InvalidOperationException($"Recording {Path} is damaged in line {number}. Mend the line, or remove it: its request is then asked again.");
            _lines.TryAdd(key, (start, (int)(end - start)));
            start = end + 1;
        }

        if (start == _file.Length)
            return;
        // Never of a file that somebody named by mistake.
        var rest = Bytes(start, (int)Math.Min(Beginning.Length, _file.Length - start));
        if (!Beginning.StartsWith(rest) && rest.AsSpan().ContainsAnyExcept((byte)0)) // A power cut can leave zeros.
            throw new InvalidOperationException($"{Path} is no recording: it ends in something else than the beginning of a line of one. Name another file, or one that is not there yet.");
        if (!readOnly)
            _file.SetLength(start);
    }

    private List<long> LineEnds()
    {
        var ends = new List<long>();
        var buffer = new byte[1 << 16];
        _file.Position = 0;
        for (var offset = 0L; _file.Read(buffer) is > 0 and var read; offset += read)
        {
            for (var i = 0; i < read; i++)
            {
                if (buffer[i] == '\n')
                    ends.Add(offset + i);
            }
        }

        return ends;
    }

    private static Line? Parse(byte[] bytes)
    {
        try
        {
            return JsonSerializer.Deserialize<Line>(bytes, Json) is { } line && (line.Answer is null) != (line.Unavailable is null) ? line : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed record Line(string Key, string Model, Question Question, Answer? Answer = null, string? Unavailable = null);

    private sealed record Digest(string Protocol, string Model, double? Temperature, int MaxTokens, Question Question)
    {
        public UInt128 Key() => BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(this, Json)));
    }
}
