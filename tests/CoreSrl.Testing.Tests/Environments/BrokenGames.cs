using CoreSrl.Abstractions;
using CoreSrl.Testing.Tests.Memories;

namespace CoreSrl.Testing.Tests.Environments;

/// <summary>For each rule an environment that breaks just it, as a real one might.</summary>
internal static class BrokenGames
{
    public static IReadOnlyDictionary<string, Func<IEnvironment>> ByRule { get; } = new Dictionary<string, Func<IEnvironment>>
    {
        ["seats-are-a-range"] = () => new MinimumAboveMaximum(),
        ["every-seat-is-shown"] = () => new DropsWhoIsDone(),
        ["nothing-is-null"] = () => new NoWinnersAtAll(),
        ["rewards-begin-at-zero"] = () => new StartingReward(),
        ["games-begin"] = () => new WaitsAtFirst(),
        ["choices-are-distinct"] = () => new ChoiceTwice(),
        ["rewards-are-finite"] = () => new RewardPerNothing(),
        ["cooperation-is-a-share"] = () => new CooperationInPercent(),
        ["info-is-finite"] = () => new InfoOfNothing(),
        ["games-without-errors"] = () => new NeitherIsForgotten(),
        ["any-text-is-taken"] = () => new FirstLetter(),
        ["every-game-ends"] = () => new GoesOnForEver(),
        ["done-stays-done"] = () => new DoneForOneStep(),
        ["done-is-not-asked"] = () => new SaysGoodbye(),
        ["winners-are-seats"] = () => new NumbersOfShirts(),
        ["winners-at-the-end"] = () => new Leaders(),
        ["actions-stay-as-they-are"] = () => new TakesTheActions(),
        ["same-seed-same-game"] = () => new SaltedInstance(),
        ["nothing-is-carried"] = () => new TellsOfLastTime(),
        ["reset-at-any-time"] = () => new ResetsAtTheEnd(),
        ["games-side-by-side"] = () => new StaticRound(),
        ["illegal-actions-do-no-lasting-harm"] = () => new NeverUnlocks(),
        ["cancelled-is-told-so"] = () => new WrapsCancellation(),
    }
    .Concat(BrokenMemories.ByRule.Select(memory => KeyValuePair.Create(memory.Key, (Func<IEnvironment>)(() => new CountingGame(memory.Value())))))
    .ToDictionary();
}
