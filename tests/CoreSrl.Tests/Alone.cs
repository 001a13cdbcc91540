namespace CoreSrl.Tests;

/// <summary>Tests that run one after another when all others have ended.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
