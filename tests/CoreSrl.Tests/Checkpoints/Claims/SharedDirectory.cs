using CoreSrl.Checkpoints;
using CoreSrl.Checkpoints.Claims;
using CoreSrl.Tests.Fakes;

namespace CoreSrl.Tests.Checkpoints.Claims;

/// <summary>
/// A directory that several machines reach, with a clock of its own: an old holder falls silent, and another takes over. Each machine
/// has its own clock, too.
/// </summary>
internal sealed class SharedDirectory
{
    public SharedDirectory()
    {
        Objects = new() { Now = () => Clock.Now };
        Storage = new(Objects);
        OfOldHolder = new(Objects);
    }

    /// <summary>The storage's clock.</summary>
    public JumpingClock Clock { get; } = new();

    public MemoryStorage Objects { get; }

    /// <summary>As everybody but the old holder reaches it.</summary>
    public FaultyStorage Storage { get; }

    /// <summary>As the old holder reaches it.</summary>
    public FaultyStorage OfOldHolder { get; }

    /// <summary>What the claim says.</summary>
    public ClaimRecord Claim => ClaimRecord.Parse(Objects.Objects["claim.json"])!;

    /// <summary>Opens it as a trainer on another machine.</summary>
    public Task<Bench> OpenOldAsync(int maxCheckpoints = -1, int frozen = 0, JumpingClock? clock = null, ListeningLoggers? loggers = null) =>
        OpenAsync(OfOldHolder, AnothersStorage.Elsewhere("old"), maxCheckpoints, frozen, clock, loggers);

    /// <summary>Opens it as a trainer on a third machine.</summary>
    public Task<Bench> OpenNewAsync(int maxCheckpoints = -1, int frozen = 0, JumpingClock? clock = null, ListeningLoggers? loggers = null) =>
        OpenAsync(Storage, AnothersStorage.Elsewhere("new"), maxCheckpoints, frozen, clock, loggers);

    /// <summary>Nothing is heard of anybody for so long that others take them for dead.</summary>
    public void FallSilent() => Clock.Advance(TimeSpan.FromSeconds(60));

    /// <summary>Holds up the old holder's next call of a kind.</summary>
    /// <param name="where"><c>before</c> or <c>after</c> a change, or <c>reading</c>.</param>
    /// <param name="verb">As of <see cref="FaultyStorage"/>.</param>
    /// <param name="key">A part of the key.</param>
    public Pause PauseOldHolder(string where, string verb, string key)
    {
        var pause = new Pause();
        Func<string, string, Task> pass = (v, k) => v == verb && k.Contains(key, StringComparison.Ordinal) ? pause.PassAsync() : Task.CompletedTask;
        switch (where)
        {
            case "before": OfOldHolder.Before = pass; break;
            case "after": OfOldHolder.After = pass; break;
            default: OfOldHolder.Reading = pass; break;
        }

        return pause;
    }

    /// <summary>Asserts, without changing anything, that every checkpoint listed is whole, base weights included.</summary>
    /// <returns>What is listed, newest first.</returns>
    public async Task<IReadOnlyList<string>> AssertWholeAsync()
    {
        await using var manager = await CheckpointManager.OpenReadOnlyAsync(Objects);
        Assert.Empty(manager.Damaged);
        await foreach (var verdict in manager.VerifyAllAsync())
            Assert.Empty(verdict.Problems);
        return [.. manager.Checkpoints.Select(saved => saved.Id)];
    }

    private static async Task<Bench> OpenAsync(
        FaultyStorage storage, ProcessIdentity process, int maxCheckpoints, int frozen, JumpingClock? clock, ListeningLoggers? loggers)
    {
        var bench = await Bench.OpenAsync(new AnothersStorage(storage, process), maxCheckpoints, frozen, timers: clock ?? new(), loggers: loggers);
        await bench.Store.ClaimAsync(default);
        return bench;
    }
}
