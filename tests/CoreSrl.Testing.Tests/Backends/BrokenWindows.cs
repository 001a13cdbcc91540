using CoreSrl.Abstractions;

namespace CoreSrl.Testing.Tests.Backends;

/// <summary>The same tensors through other windows.</summary>
internal sealed class OtherWindows(ModelContext context, Func<StateTensor, StateTensor> window) : TableModel(context)
{
    public override IReadOnlyList<StateTensor> Tensors => [.. base.Tensors.Select(window)];
}

internal sealed class ReadsWholeElements(StateTensor inner) : PassingTensor(inner)
{
    public override void CopyTo(long offset, Span<byte> destination)
    {
        var skip = (int)(((offset % 4) + 4) % 4);
        if (skip == 0 || offset < 0 || offset + destination.Length > Info.ByteLength)
            base.CopyTo(offset, destination);
        else
            base.CopyTo(offset - skip, destination);
    }
}

internal sealed class WritesWholeElements(StateTensor inner) : PassingTensor(inner)
{
    public override void CopyFrom(long offset, ReadOnlySpan<byte> source)
    {
        if (offset > 0 && offset + source.Length <= Info.ByteLength)
            offset -= offset % 4;
        base.CopyFrom(offset, source);
    }
}

internal sealed class ReadsWhatThereIs(StateTensor inner) : PassingTensor(inner)
{
    public override void CopyTo(long offset, Span<byte> destination)
    {
        var there = (int)Math.Clamp(Info.ByteLength - offset, 0, destination.Length);
        if (there > 0)
            base.CopyTo(offset, destination[..there]);
    }
}

internal sealed class GivesItAll(StateTensor inner) : PassingTensor(inner)
{
    public override bool TryGetMemory(long offset, int length, out Memory<byte> memory) =>
        base.TryGetMemory(offset, length, out memory) && base.TryGetMemory(offset, (int)(Info.ByteLength - offset), out memory);
}
