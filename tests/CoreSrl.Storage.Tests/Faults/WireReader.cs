using System.Globalization;
using System.Text;

namespace CoreSrl.Storage.Tests.Faults;

/// <summary>Reads lines and bytes from a connection, in turns.</summary>
internal sealed class WireReader(Stream stream)
{
    private readonly byte[] _buffer = new byte[64 << 10];
    private int _start;
    private int _end;

    /// <summary>Lines up to an empty one; null when the connection ends before the first.</summary>
    public async Task<List<string>?> ReadLinesAsync(CancellationToken cancellationToken)
    {
        List<string> lines = [];
        while (await ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.Length > 0)
                lines.Add(line);
            else if (lines.Count > 0)
                return lines;
        }

        return lines.Count == 0 ? null : throw new EndOfStreamException();
    }

    public async Task<byte[]> ReadAsync(int count, CancellationToken cancellationToken)
    {
        var bytes = new byte[count];
        var buffered = Math.Min(count, _end - _start);
        _buffer.AsSpan(_start, buffered).CopyTo(bytes);
        _start += buffered;
        await stream.ReadExactlyAsync(bytes.AsMemory(buffered), cancellationToken);
        return bytes;
    }

    public async Task<byte[]> ReadChunksAsync(CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        while (true)
        {
            var size = (await ReadLineAsync(cancellationToken) ?? throw new EndOfStreamException()).Split(';')[0];
            var length = int.Parse(size, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            await body.WriteAsync(await ReadAsync(length, cancellationToken), cancellationToken);
            await ReadLineAsync(cancellationToken);
            if (length == 0)
                return body.ToArray();
        }
    }

    private async Task<string?> ReadLineAsync(CancellationToken cancellationToken)
    {
        var line = new StringBuilder();
        while (true)
        {
            if (_start == _end)
            {
                (_start, _end) = (0, await stream.ReadAsync(_buffer, cancellationToken));
                if (_end == 0)
                    return line.Length == 0 ? null : throw new EndOfStreamException();
            }

            var found = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            var taken = found < 0 ? _end - _start : found + 1;
            line.Append(Encoding.Latin1.GetString(_buffer, _start, taken));
            _start += taken;
            if (found >= 0)
                return line.ToString().TrimEnd('\r', '\n');
        }
    }
}
