using Xunit.Abstractions;

namespace CoreSrl.Torch.Tests.State;

/// <summary>Another seed at each run, printed; CORESRL_TEST_SEED repeats one.</summary>
internal static class TestSeed
{
    public static long New(ITestOutputHelper output)
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("CORESRL_TEST_SEED"), out var given) ? given : Environment.TickCount;
        output.WriteLine($"CORESRL_TEST_SEED={seed}");
        return seed;
    }
}
