using CoreSrl.Abstractions;
using CsCheck;

namespace CoreSrl.Tests.Training;

public sealed class SeededRandomTests
{
    // The published test vector of SplitMix64, as in https://rosettacode.org/wiki/Pseudo-random_numbers/Splitmix64.
    [Fact]
    public void The_sequence_is_that_of_SplitMix64()
    {
        var random = new SeededRandom(1234567);
        ulong[] published = [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821];
        foreach (var expected in published)
            Assert.Equal(expected, random.NextUInt64());
    }

    [Fact]
    public void A_real_number_is_at_least_0_and_below_1() => Gen.ULong.Sample(seed =>
    {
        var random = new SeededRandom(seed);
        for (var i = 0; i < 100; i++)
            Assert.InRange(random.NextDouble(), 0, 1 - (1.0 / (1UL << 53)));
    }, iter: 100);

    [Fact]
    public void A_whole_number_is_below_its_limit() => Gen.Select(Gen.ULong, Gen.Int[1, int.MaxValue]).Sample((seed, limit) =>
        Assert.InRange(new SeededRandom(seed).NextInt32(limit), 0, limit - 1));

    [Fact]
    public void Whole_numbers_are_about_equally_frequent()
    {
        const ulong seed = 99;
        var random = new SeededRandom(seed);
        var counts = new int[7];
        for (var i = 0; i < 70_000; i++)
            counts[random.NextInt32(7)]++;

        // 10,000 each; the deviation of a binomial count is √(70,000 · 6/49) ≈ 93.
        Assert.True(counts.All(count => Math.Abs(count - 10_000) < 470), $"seed {seed}: {string.Join(", ", counts)}");
    }

    [Fact]
    public void A_limit_of_nothing_is_refused() => Assert.Throws<ArgumentOutOfRangeException>(() => new SeededRandom(1).NextInt32(0));
}
