using CoreSrl.Checkpoints.Claims;
using CoreSrl.Tests.Fakes;
using Microsoft.Extensions.Logging.Abstractions;

namespace CoreSrl.Tests.Checkpoints.Claims;

/// <summary>A storage that checks nothing brings a claim with a wrong bit: what its holder left half-way is learnt all the same.</summary>
public sealed class FlippedClaimTests
{
    private readonly MemoryStorage _memory = new();
    private readonly byte[] _left = new ClaimRecord
    {
        Id = "before",
        RunName = "run",
        Holder = AnothersStorage.Dead,
        Claimed = default,
        Pending = ["one", "two"],
        Removing = ["two"],
    }.ToFile();

    [Fact]
    public async Task Wherever_the_bit_is_and_on_four_looks_in_a_row()
    {
        for (var place = 0; place < _left.Length * 8; place++)
        {
            var claim = await TakeAsync(place, looks: 4);
            Assert.Equal(["one", "two"], claim.Pending.ToArray());
        }
    }

    [Fact]
    public async Task One_that_stays_wrong_is_nobodys_claim() =>
        await Assert.ThrowsAsync<CoreSrl.Checkpoints.DirectoryInUseException>(() => TakeAsync(_left.AsSpan().IndexOf("one"u8) * 8, looks: int.MaxValue));

    /// <summary>Takes the directory; the bit at a place is another on so many looks.</summary>
    private async Task<DirectoryClaim> TakeAsync(int place, int looks)
    {
        _memory.Objects["claim.json"] = [.. _left];
        var storage = new FaultyStorage(_memory)
        {
            Bringing = (_, bytes) => bytes.Span[place / 8] ^= (byte)(looks-- > 0 ? 1 << (place % 8) : 0),
        };
        return await DirectoryClaim.TakeAsync(storage, "run", "directory", new JumpingClock(), NullLogger.Instance, default);
    }
}
