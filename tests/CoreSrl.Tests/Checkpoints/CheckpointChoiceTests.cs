using CoreSrl.Abstractions;
using CoreSrl.Checkpoints;

namespace CoreSrl.Tests.Checkpoints;

public sealed class CheckpointChoiceTests
{
    private static readonly SavedCheckpoint[] Checkpoints =
    [
        At(7, 300, tags: ["interrupted"]),
        At(6, 150, tags: ["best", "best:avg_reward"]),
        At(5, 400, final: true),
        At(4, 300, tags: ["best", "best:info/score"]),
        At(3, 200),
        At(2, 150),
    ];

    [Theory]
    [InlineData("latest", "run_ep_300_1764000007")]
    [InlineData("final", "final_run_ep_400_1764000005")]
    [InlineData("best", "run_ep_150_1764000006")]
    [InlineData("best:avg_reward", "run_ep_150_1764000006")]
    [InlineData("best:info/score", "run_ep_300_1764000004")]
    [InlineData("episode:300", "run_ep_300_1764000007")]
    [InlineData("episode:150", "run_ep_150_1764000006")]
    [InlineData("run_ep_200_1764000003", "run_ep_200_1764000003")]
    public void A_choice_means_the_newest_of_its_kind(string choice, string id) =>
        Assert.Equal(id, CheckpointChoice.Find(choice, Checkpoints, [], "here").Id);

    [Theory]
    [InlineData("episode:151", "here holds no checkpoint of episode 151. The nearest is of episode 150; there are 150, 200, 300, 400.")]
    [InlineData("best:avg_rewrad", "here holds no checkpoint tagged 'best:avg_rewrad'. Did you mean 'best:avg_reward'? Known: best, best:avg_reward, best:info/score, interrupted.")]
    [InlineData("run_ep_20_1764000003", "here holds no checkpoint 'run_ep_20_1764000003'. Did you mean 'run_ep_200_1764000003'? Known: best, best:METRIC, episode:N, final, final_run_ep_400_1764000005, latest, run_ep_150_1764000002, run_ep_150_1764000006, run_ep_200_1764000003, run_ep_300_1764000004, run_ep_300_1764000007.")]
    [InlineData("lastest", "here holds no checkpoint 'lastest'. Did you mean 'latest'?")]
    public void What_is_not_there_is_told_with_the_nearest_and_what_there_is(string choice, string message) =>
        Assert.StartsWith(message, Assert.Throws<KeyNotFoundException>(() => CheckpointChoice.Find(choice, Checkpoints, [], "here")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("latest", "here holds no checkpoint yet.")]
    [InlineData("final", "here holds no checkpoint yet.")]
    [InlineData("best", "here holds no checkpoint tagged 'best'. None has a tag.")]
    [InlineData("episode:5", "here holds no checkpoint of episode 5, nor any other.")]
    public void An_empty_directory_has_nothing_to_choose(string choice, string message) =>
        Assert.Equal(message, Assert.Throws<KeyNotFoundException>(() => CheckpointChoice.Find(choice, [], [], "here")).Message);

    [Fact]
    public void Of_a_directory_of_thousands_the_nearest_are_listed()
    {
        var many = Enumerable.Range(1, 5000).Select(episode => At(10_000 - episode, 5001 - episode)).ToList();
        var episodes = Assert.Throws<KeyNotFoundException>(() => CheckpointChoice.Find("episode:6000", many, [], "here")).Message;
        Assert.Equal("here holds no checkpoint of episode 6000. The nearest is of episode 5000; there are among others 4989, 4990, 4991, 4992, 4993, 4994, 4995, 4996, 4997, 4998, 4999, 5000.", episodes);
        Assert.InRange(Assert.Throws<KeyNotFoundException>(() => CheckpointChoice.Find("run_ep_5001_1764009999", many, [], "here")).Message.Length, 100, 1000);
    }

    [Theory]
    [InlineData("episode:", "'episode:' names no episode; write episode:150")]
    [InlineData("episode:-1", "'episode:-1' names no episode; write episode:150")]
    [InlineData("episode:all", "'episode:all' names no episode; write episode:150")]
    [InlineData("best:", "'best:' names no metric; write best:avg_reward, or best")]
    [InlineData("episode:0", null)]
    [InlineData("anything", null)]
    public void A_choice_that_can_mean_nothing_is_seen_at_once(string choice, string? problem) => Assert.Equal(problem, CheckpointChoice.Check(choice));

    [Theory]
    [InlineData("run_ep_500_1764000008", "latest")]
    [InlineData("run_ep_500_1764000008", "best")]
    [InlineData("run_ep_500_1764000008", "best:avg_reward")]
    [InlineData("run_ep_500_1764000008", "episode:500")]
    [InlineData("final_run_ep_500_1764000008", "final")]
    [InlineData("run_ep_500_1764000008", "run_ep_500_1764000008")]
    [InlineData("somebody-renamed-it", "latest")]
    public void One_whose_metadata_is_damaged_is_not_silently_passed_over(string damaged, string choice)
    {
        var damage = new DamagedCheckpointException(damaged, "metadata.json", "is not what was written");
        var error = Assert.Throws<DamagedCheckpointException>(() => CheckpointChoice.Find(choice, Checkpoints, [damage], "here"));
        Assert.StartsWith($"Checkpoint '{damaged}': metadata.json is not what was written.", error.Message, StringComparison.Ordinal);
        Assert.Equal(damaged, error.CheckpointId);
    }

    [Theory]
    [InlineData("run_ep_100_1764000001", "latest")]
    [InlineData("run_ep_100_1764000001", "best")]
    [InlineData("run_ep_500_1764000008", "final")]
    [InlineData("run_ep_1500_1764000008", "episode:150")]
    [InlineData("run_ep_500_1764000008", "run_ep_200_1764000003")]
    public void One_that_cannot_be_meant_keeps_nothing_from_being_chosen(string damaged, string choice) =>
        Assert.NotNull(CheckpointChoice.Find(choice, Checkpoints, [new(damaged, "metadata.json", "is not what was written")], "here"));

    private static SavedCheckpoint At(int second, long episode, bool final = false, string[]? tags = null) => new()
    {
        Id = $"{(final ? "final_" : "")}run_ep_{episode}_{1764000000 + second}",
        RunId = "run",
        Episode = episode,
        Timestamp = DateTimeOffset.FromUnixTimeSeconds(1764000000 + second),
        Final = final,
        Tags = [.. tags ?? []],
    };
}
