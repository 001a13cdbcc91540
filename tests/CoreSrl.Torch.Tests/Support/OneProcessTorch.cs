namespace CoreSrl.Torch.Tests;

/// <summary>Torch's settings hold for the whole process, so these tests take turns.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class OneProcessTorch : ICollectionFixture<OneProcessTorch.Fixture>
{
    public const string Name = "torch";

    public sealed class Fixture
    {
        public Fixture() => TorchRuntime.Initialize(1);
    }
}
