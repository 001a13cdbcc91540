using System.Buffers;
using CoreSrl.Abstractions;

namespace CoreSrl.Formats;

/// <summary>A tensor to be written: its description and its elements, row-major and little-endian, wherever they lie.</summary>
/// <remarks>The writers refer to the content and never copy it: it must stay as it is until the written file has been consumed.</remarks>
public sealed class TensorBytes
{
    /// <summary>Pairs a description with its bytes.</summary>
    /// <exception cref="ArgumentException">There are more or fewer bytes than the description says.</exception>
    public TensorBytes(TensorInfo info, ReadOnlySequence<byte> content)
    {
        ArgumentNullException.ThrowIfNull(info);
        if (content.Length != info.ByteLength)
            throw new ArgumentException($"{info} takes {info.ByteLength} bytes, not {content.Length}.", nameof(content));
        Info = info;
        Content = content;
    }

    /// <summary>Pairs a description with bytes that lie in one piece.</summary>
    /// <exception cref="ArgumentException">There are more or fewer bytes than the description says.</exception>
    public TensorBytes(TensorInfo info, ReadOnlyMemory<byte> content)
        : this(info, new ReadOnlySequence<byte>(content))
    {
    }

    /// <summary>Name, element type and shape.</summary>
    public TensorInfo Info { get; }

    /// <summary>The elements.</summary>
    public ReadOnlySequence<byte> Content { get; }
}
