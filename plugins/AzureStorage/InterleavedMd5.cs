using System.Buffers;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace CoreSrl.Plugins.AzureStorage;

/// <summary>
/// MD5 (RFC 1321) of several messages of one length at once, each in a lane of a vector. One digest alone is a chain of steps that
/// wait for each other and takes longer than a fast network; eight chains side by side take hardly more than one.
/// </summary>
internal static class InterleavedMd5
{
    /// <summary>How many messages are digested at once.</summary>
    public const int Lanes = 8;

    /// <summary>The bytes of each message that are looked at together: 8 × 2 KiB fit into the processor's nearest cache.</summary>
    private const int Stride = 2048;

    private const int BlockLength = 64;
    private const int Words = Stride / sizeof(uint);

    /// <summary>The whole part of 2³² × |sin(i + 1)|: section 3.4 of the RFC.</summary>
    private static readonly uint[] Sines = [.. Enumerable.Range(1, 64).Select(step => (uint)(long)(Math.Abs(Math.Sin(step)) * 4294967296.0))];

    /// <summary>Whether this is faster here than one after the other.</summary>
    public static bool IsFaster => Vector128.IsHardwareAccelerated && BitConverter.IsLittleEndian;

    /// <summary>The digests of messages of one length.</summary>
    /// <param name="messages">Exactly <see cref="Lanes"/> of them.</param>
    /// <returns>16 bytes each, in their order.</returns>
    public static byte[][] Of(ReadOnlySequence<byte>[] messages)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(messages.Length, Lanes);
        var length = messages[0].Length;
        if (Array.Exists(messages, message => message.Length != length))
            throw new ArgumentException("The messages must be of one length.", nameof(messages));

        var rest = (ReadOnlySequence<byte>[])messages.Clone();
        var state = new State();
        Span<byte> bytes = new byte[Lanes * Stride];
        var words = MemoryMarshal.Cast<byte, uint>(bytes);
        var left = length;
        for (; left >= Stride; left -= Stride)
        {
            Take(rest, Stride, bytes);
            state.Add(words, Stride / BlockLength);
        }

        // The end: a bit, zeros, and the length in bits, for which the last stride may have no room left.
        bytes.Clear();
        Take(rest, (int)left, bytes);
        Mark(bytes, (int)left, 0x80);
        var blocks = ((int)left + 1 + sizeof(ulong) + BlockLength - 1) / BlockLength;
        if (blocks > Stride / BlockLength)
        {
            state.Add(words, Stride / BlockLength);
            bytes.Clear();
            blocks = 1;
        }

        for (var place = 0; place < sizeof(ulong); place++)
            Mark(bytes, (blocks * BlockLength) - sizeof(ulong) + place, (byte)((ulong)length * 8 >> (8 * place)));
        state.Add(words, blocks);
        return state.Digests();
    }

    /// <summary>Moves the next bytes of each message to its place.</summary>
    private static void Take(ReadOnlySequence<byte>[] rest, int count, Span<byte> bytes)
    {
        for (var lane = 0; lane < Lanes; lane++)
        {
            rest[lane].Slice(0, count).CopyTo(bytes[(lane * Stride)..]);
            rest[lane] = rest[lane].Slice(count);
        }
    }

    /// <summary>Puts the same byte into every lane.</summary>
    private static void Mark(Span<byte> bytes, int at, byte value)
    {
        for (var lane = 0; lane < Lanes; lane++)
            bytes[(lane * Stride) + at] = value;
    }

    /// <summary>The four words of each lane's digest.</summary>
    private struct State
    {
        private Vector256<uint> _a = Vector256.Create(0x67452301u);
        private Vector256<uint> _b = Vector256.Create(0xefcdab89u);
        private Vector256<uint> _c = Vector256.Create(0x98badcfeu);
        private Vector256<uint> _d = Vector256.Create(0x10325476u);

        public State()
        {
        }

        /// <summary>Adds blocks to each lane's digest: section 3.4 of the RFC.</summary>
        public void Add(ReadOnlySpan<uint> words, int blocks)
        {
            ReadOnlySpan<uint> k = Sines;
            Span<Vector256<uint>> x = stackalloc Vector256<uint>[16];
            var (a, b, c, d) = (_a, _b, _c, _d);
            for (var block = 0; block < blocks; block++)
            {
                for (var word = 0; word < x.Length; word++)
                {
                    var at = words[((block * x.Length) + word)..];
                    x[word] = Vector256.Create(
                        at[0], at[Words], at[2 * Words], at[3 * Words], at[4 * Words], at[5 * Words], at[6 * Words], at[7 * Words]);
                }

                var (a0, b0, c0, d0) = (a, b, c, d);
                for (var i = 0; i < 16; i += 4)
                {
                    a = b + Rotate(a + ((b & c) | Vector256.AndNot(d, b)) + x[i] + Vector256.Create(k[i]), 7);
                    d = a + Rotate(d + ((a & b) | Vector256.AndNot(c, a)) + x[i + 1] + Vector256.Create(k[i + 1]), 12);
                    c = d + Rotate(c + ((d & a) | Vector256.AndNot(b, d)) + x[i + 2] + Vector256.Create(k[i + 2]), 17);
                    b = c + Rotate(b + ((c & d) | Vector256.AndNot(a, c)) + x[i + 3] + Vector256.Create(k[i + 3]), 22);
                }

                for (var i = 16; i < 32; i += 4)
                {
                    a = b + Rotate(a + ((b & d) | Vector256.AndNot(c, d)) + x[((5 * i) + 1) & 15] + Vector256.Create(k[i]), 5);
                    d = a + Rotate(d + ((a & c) | Vector256.AndNot(b, c)) + x[((5 * i) + 6) & 15] + Vector256.Create(k[i + 1]), 9);
                    c = d + Rotate(c + ((d & b) | Vector256.AndNot(a, b)) + x[((5 * i) + 11) & 15] + Vector256.Create(k[i + 2]), 14);
                    b = c + Rotate(b + ((c & a) | Vector256.AndNot(d, a)) + x[((5 * i) + 16) & 15] + Vector256.Create(k[i + 3]), 20);
                }

                for (var i = 32; i < 48; i += 4)
                {
                    a = b + Rotate(a + (b ^ c ^ d) + x[((3 * i) + 5) & 15] + Vector256.Create(k[i]), 4);
                    d = a + Rotate(d + (a ^ b ^ c) + x[((3 * i) + 8) & 15] + Vector256.Create(k[i + 1]), 11);
                    c = d + Rotate(c + (d ^ a ^ b) + x[((3 * i) + 11) & 15] + Vector256.Create(k[i + 2]), 16);
                    b = c + Rotate(b + (c ^ d ^ a) + x[((3 * i) + 14) & 15] + Vector256.Create(k[i + 3]), 23);
                }

                for (var i = 48; i < 64; i += 4)
                {
                    a = b + Rotate(a + (c ^ (b | ~d)) + x[(7 * i) & 15] + Vector256.Create(k[i]), 6);
                    d = a + Rotate(d + (b ^ (a | ~c)) + x[((7 * i) + 7) & 15] + Vector256.Create(k[i + 1]), 10);
                    c = d + Rotate(c + (a ^ (d | ~b)) + x[((7 * i) + 14) & 15] + Vector256.Create(k[i + 2]), 15);
                    b = c + Rotate(b + (d ^ (c | ~a)) + x[((7 * i) + 21) & 15] + Vector256.Create(k[i + 3]), 21);
                }

                (a, b, c, d) = (a + a0, b + b0, c + c0, d + d0);
            }

            (_a, _b, _c, _d) = (a, b, c, d);
        }

        public readonly byte[][] Digests()
        {
            var digests = new byte[Lanes][];
            for (var lane = 0; lane < Lanes; lane++)
            {
                uint[] digest = [_a[lane], _b[lane], _c[lane], _d[lane]];
                digests[lane] = MemoryMarshal.AsBytes<uint>(digest).ToArray();
            }

            return digests;
        }

        private static Vector256<uint> Rotate(Vector256<uint> value, int count) => (value << count) | (value >> (32 - count));
    }
}
