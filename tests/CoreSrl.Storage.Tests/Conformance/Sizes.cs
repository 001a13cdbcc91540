using CoreSrl.Testing;

namespace CoreSrl.Storage.Tests.Conformance;

/// <summary>How much the suite does here: with CORESRL_CONFORMANCE=large, objects of more than 5 GiB too.</summary>
internal static class Sizes
{
    public static StorageConformanceOptions Chosen { get; } =
        Environment.GetEnvironmentVariable("CORESRL_CONFORMANCE") == "large" ? StorageConformanceOptions.Large : StorageConformanceOptions.Quick;
}
