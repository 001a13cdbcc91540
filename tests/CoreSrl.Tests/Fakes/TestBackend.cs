using System.ComponentModel.DataAnnotations;
using CoreSrl.Abstractions;

namespace CoreSrl.Tests.Fakes;

public sealed record TestModelOptions
{
    [Range(1, 1000)]
    public int Width { get; init; } = 4;

    /// <summary>The elements of a frozen tensor; none when 0.</summary>
    public int Frozen { get; init; }

    public bool Trainable { get; init; } = true;

    /// <summary>At which optimizer step the model fails, its weights already changed; never when 0.</summary>
    public long FailAtStep { get; init; }

    /// <summary>From which optimizer step on the model cannot be captured; always when 0.</summary>
    public long LoseStateAtStep { get; init; }
}

[Plugin("test-model")]
public sealed class TestBackend(TestModelOptions options) : IModelBackend
{
    public ValueTask<IModel> CreateAsync(ModelContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        return ValueTask.FromResult<IModel>(new TestModel(context.Seed, options));
    }
}

/// <summary>The same models under another name.</summary>
[Plugin("other-model")]
public sealed class OtherBackend(TestModelOptions options) : IModelBackend
{
    public ValueTask<IModel> CreateAsync(ModelContext context, CancellationToken cancellationToken) => new TestBackend(options).CreateAsync(context, cancellationToken);
}
