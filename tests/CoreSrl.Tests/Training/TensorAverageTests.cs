using CoreSrl.Abstractions;
using CoreSrl.Tests.Fakes;
using CoreSrl.Training;

namespace CoreSrl.Tests.Training;

public sealed class TensorAverageTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(262_144)]
    [InlineData(262_145)]
    [InlineData(600_001)]
    public void Every_element_becomes_the_weighted_average_to_the_same_bits_in_every_model(int elements)
    {
        const ulong seed = 11;
        var random = new SeededRandom(seed);
        double[] weights = [0.2, 0.5, 0.3];
        var models = weights.Select(_ => ManagedTensor.Of(TensorPart.Adapter, "w", [.. Enumerable.Range(0, elements).Select(_ => (float)random.NextDouble())])).ToList();
        var before = models.ConvertAll(model => model.Floats.ToArray());

        TensorAverage.Average([.. models.Select(model => (IReadOnlyList<StateTensor>)[model])], weights);

        Assert.All(models, model => Assert.True(model.Bytes.AsSpan().SequenceEqual(models[0].Bytes), $"seed {seed}"));
        for (var i = 0; i < elements; i++)
        {
            var expected = weights.Select((weight, model) => weight * before[model][i]).Sum();
            Assert.True(Math.Abs(expected - models[0].Floats[i]) < 1e-6, $"seed {seed}, element {i}: {models[0].Floats[i]}, not {expected}");
        }
    }

    [Fact]
    public void Only_floats_can_be_averaged()
    {
        IReadOnlyList<StateTensor> whole = [new ManagedTensor(TensorPart.Adapter, new("steps", TensorType.Int64, 1))];
        var error = Assert.Throws<InvalidOperationException>(() => TensorAverage.Average([whole, whole], [0.5, 0.5]));
        Assert.Equal("Only float32 tensors can be averaged; steps int64[1] is not.", error.Message);
    }
}
