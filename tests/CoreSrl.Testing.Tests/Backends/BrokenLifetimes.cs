using CoreSrl.Abstractions;

namespace CoreSrl.Testing.Tests.Backends;

/// <summary>Counts what is held beside managed memory, as a native library would.</summary>
internal static class NativeTensors
{
    private static long _alive;

    public static long Alive => Volatile.Read(ref _alive);

    public static void Add(long count) => Interlocked.Add(ref _alive, count);
}

internal sealed class LeaksPerStep(ModelContext context) : TableModel(context)
{
    private long _held;

    public override ValueTask<IReadOnlyList<ModelResponse>> ActAsync(IReadOnlyList<ModelRequest> requests, CancellationToken cancellationToken)
    {
        _held++;
        NativeTensors.Add(1);
        return base.ActAsync(requests, cancellationToken);
    }

    public override ValueTask DisposeAsync()
    {
        NativeTensors.Add(-_held);
        _held = 0;
        return base.DisposeAsync();
    }
}

internal sealed class LeaksPerModel : TableModel
{
    public LeaksPerModel(ModelContext context)
        : base(context) => NativeTensors.Add(1);
}

/// <summary>Keeps all that it ever answered.</summary>
internal sealed class LeaksMemory(ModelContext context) : TableModel(context)
{
    private readonly List<byte[]> _held = [];

    public override ValueTask<IReadOnlyList<ModelResponse>> ActAsync(IReadOnlyList<ModelRequest> requests, CancellationToken cancellationToken)
    {
        var transcript = new byte[256 << 10];
        transcript.AsSpan().Fill(1);
        _held.Add(transcript);
        return base.ActAsync(requests, cancellationToken);
    }
}
