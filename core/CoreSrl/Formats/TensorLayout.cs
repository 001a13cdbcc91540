using System.Buffers;
using System.Collections.Immutable;
using CoreSrl.Abstractions;

namespace CoreSrl.Formats;

/// <summary>
/// How a file of tensors is laid out: every byte of it but the tensors' own, and where these go. The whole file can be made of
/// memory (<see cref="Fill"/>) or of tensors that are fetched when they are read (<see cref="ToSource"/>); both are the same bytes.
/// </summary>
public sealed class TensorLayout
{
    /// <param name="inFileOrder">The tensors as they follow each other.</param>
    /// <param name="around">The bytes around them, one piece more than there are tensors: the n-th lies before the n-th tensor,
    /// the last behind them all.</param>
    internal TensorLayout(IReadOnlyList<TensorInfo> inFileOrder, ImmutableArray<ReadOnlyMemory<byte>> around)
    {
        if (around.Length != inFileOrder.Count + 1)
            throw new ArgumentException($"{inFileOrder.Count} tensors have {around.Length} pieces around them.", nameof(around));
        var tensors = ImmutableArray.CreateBuilder<StoredTensor>(inFileOrder.Count);
        var offset = 0L;
        for (var i = 0; i < inFileOrder.Count; i++)
        {
            offset += around[i].Length;
            tensors.Add(new StoredTensor(inFileOrder[i], offset, StoredTensor.RowMajorStrides(inFileOrder[i])));
            offset = checked(offset + inFileOrder[i].ByteLength);
        }

        Around = around;
        Tensors = tensors.MoveToImmutable();
        Length = offset + around[^1].Length;
    }

    /// <summary>
    /// The bytes around the tensors: the n-th piece lies before the n-th tensor, the last behind them all. A safetensors file has
    /// its header in the first and nothing in the others.
    /// </summary>
    public ImmutableArray<ReadOnlyMemory<byte>> Around { get; }

    /// <summary>The tensors in the order of their bytes in the file, and where each begins.</summary>
    public ImmutableArray<StoredTensor> Tensors { get; }

    /// <summary>The file's size in bytes.</summary>
    public long Length { get; }

    /// <summary>The file, of bytes that lie in memory: they are referred to, not copied.</summary>
    /// <param name="content">A tensor's elements, row-major and little-endian; asked for once each, in the file's order.</param>
    /// <exception cref="ArgumentException">A content has another length than its tensor.</exception>
    public ReadOnlySequence<byte> Fill(Func<TensorInfo, ReadOnlySequence<byte>> content)
    {
        ArgumentNullException.ThrowIfNull(content);
        var file = new SequenceBuilder();
        for (var i = 0; i < Tensors.Length; i++)
        {
            file.Append(Around[i]);
            var elements = content(Tensors[i].Info);
            file.Append(elements.Length == Tensors[i].Info.ByteLength ? elements : throw WrongLength(Tensors[i].Info, elements.Length));
        }

        file.Append(Around[^1]);
        return file.Build();
    }

    /// <summary>The file, of bytes that are fetched when they are read; nothing is held but <see cref="Around"/>.</summary>
    /// <param name="name">What to call the file in messages.</param>
    /// <param name="content">A tensor's elements, row-major and little-endian (a <see cref="TensorSource"/>, say); asked for once
    /// each, in the file's order.</param>
    /// <exception cref="ArgumentException">A content has another length than its tensor.</exception>
    public CompositeSource ToSource(string name, Func<TensorInfo, IByteSource> content)
    {
        ArgumentNullException.ThrowIfNull(content);
        var parts = new List<IByteSource>((2 * Tensors.Length) + 1);
        for (var i = 0; i < Tensors.Length; i++)
        {
            parts.Add(new SequenceSource(name, new(Around[i])));
            var elements = content(Tensors[i].Info);
            parts.Add(elements.Length == Tensors[i].Info.ByteLength ? elements : throw WrongLength(Tensors[i].Info, elements.Length));
        }

        parts.Add(new SequenceSource(name, new(Around[^1])));
        return new CompositeSource(name, parts);
    }

    private static ArgumentException WrongLength(TensorInfo info, long length) =>
        new($"{info} takes {info.ByteLength} bytes, not {length}.");
}
