using CoreSrl.Abstractions;

namespace CoreSrl.Testing.Tests.Backends;

/// <summary>A backend whose models all learn in the first one's table.</summary>
internal sealed class SharedTable(ModelContext context, SharedTable.Shelf shelf) : TableModel(context)
{
    public static IModelBackend Backend()
    {
        var shelf = new Shelf();
        return new TableBackend(context => new SharedTable(context, shelf));
    }

    public override IReadOnlyList<StateTensor> Tensors => [.. base.Tensors.Where(tensor => tensor != Table), Shared];

    public override IReadOnlyList<StateTensor> Parameters => [Shared, .. base.Parameters.Skip(1)];

    private ArrayTensor Shared => shelf.Table ??= Table;

    public override async ValueTask<double> ApplyGradientsAsync(LearningSettings settings, CancellationToken cancellationToken)
    {
        Shared.Floats.CopyTo(Table.Floats);
        var norm = await base.ApplyGradientsAsync(settings, cancellationToken);
        Table.Floats.CopyTo(Shared.Floats);
        return norm;
    }

    protected override double[] Policy(Observation observation)
    {
        Shared.Floats.CopyTo(Table.Floats);
        return base.Policy(observation);
    }

    internal sealed class Shelf
    {
        public ArrayTensor? Table { get; set; }
    }
}

/// <summary>Gradients are computed in one place for all models.</summary>
internal sealed class StaticScratch(ModelContext context) : TableModel(context)
{
    private static readonly float[] Scratch = new float[16];

    public override async ValueTask<LearningReport> ComputeGradientsAsync(LearningBatch batch, int pass, CancellationToken cancellationToken)
    {
        var report = await base.ComputeGradientsAsync(batch, pass, cancellationToken);
        var gradient = (ArrayTensor)Gradients[0];
        gradient.Floats.CopyTo(Scratch);
        await Task.Delay(2, CancellationToken.None);
        Scratch.CopyTo(gradient.Floats);
        return report;
    }
}

/// <summary>A backend with one handle, which the first model to go closes.</summary>
internal sealed class SharedHandle(ModelContext context, SharedHandle.Handle handle) : TableModel(context)
{
    public static IModelBackend Backend()
    {
        var handle = new Handle();
        return new TableBackend(context => new SharedHandle(context, handle));
    }

    public override ValueTask<IReadOnlyList<ModelResponse>> ActAsync(IReadOnlyList<ModelRequest> requests, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(handle.IsClosed, this);
        return base.ActAsync(requests, cancellationToken);
    }

    public override ValueTask DisposeAsync()
    {
        handle.IsClosed = true;
        return base.DisposeAsync();
    }

    internal sealed class Handle
    {
        public bool IsClosed { get; set; }
    }
}

/// <summary>A backend with one handle, which counts its models, and one that is disposed of twice as two.</summary>
internal sealed class CountedHandle : TableModel
{
    private readonly Handle _handle;

    private CountedHandle(ModelContext context, Handle handle)
        : base(context)
    {
        _handle = handle;
        handle.Users++;
    }

    public static IModelBackend Backend()
    {
        var handle = new Handle();
        return new TableBackend(context => new CountedHandle(context, handle));
    }

    public override ValueTask<IReadOnlyList<ModelResponse>> ActAsync(IReadOnlyList<ModelRequest> requests, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_handle.Users <= 0, this);
        return base.ActAsync(requests, cancellationToken);
    }

    public override ValueTask DisposeAsync()
    {
        _handle.Users--;
        return base.DisposeAsync();
    }

    private sealed class Handle
    {
        public int Users { get; set; }
    }
}

internal sealed class DisposedOnce(ModelContext context) : TableModel(context)
{
    private bool _disposed;

    public override ValueTask DisposeAsync()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _disposed = true;
        return base.DisposeAsync();
    }
}

internal sealed class WrapsCancellation(ModelContext context) : TableModel(context)
{
    public override async ValueTask<IReadOnlyList<ModelResponse>> ActAsync(IReadOnlyList<ModelRequest> requests, CancellationToken cancellationToken)
    {
        try
        {
            return await base.ActAsync(requests, cancellationToken);
        }
        catch (Exception e)
        {
            throw new InvalidOperationException("The model could not answer.", e);
        }
    }
}
