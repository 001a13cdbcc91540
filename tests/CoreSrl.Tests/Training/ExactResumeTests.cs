using CoreSrl.Abstractions;
using CoreSrl.Training;

namespace CoreSrl.Tests.Training;

public sealed class ExactResumeTests
{
    [Theory]
    [InlineData("Training:UpdateFrequency=1")]
    [InlineData("Training:UpdateFrequency=3")]
    [InlineData("Training:WeightUpdates=synchronized")]
    [InlineData("Training:WeightUpdates=federated", "Training:UpdateFrequency=5")]
    [InlineData("Training:WeightUpdates=selective", "Training:Mode=hierarchical", "Training:GamesPerEpisode=4", "Training:GroupSize=2")]
    [InlineData("Environment:MaximumSeats=1", "Training:UpdateFrequency=2")]
    public async Task Stopped_at_any_episodes_and_resumed_a_run_ends_with_the_same_bits(params string[] settings)
    {
        using var whole = new Trial();
        var expected = whole.Content((await whole.TrainAsync(settings)).Checkpoint);

        const ulong seed = 8;
        var random = new SeededRandom(seed);
        for (var trial = 0; trial < 3; trial++)
        {
            using var stopped = new Trial();
            var stops = new List<long>();
            for (var episode = 1 + random.NextInt32(4); episode < 10; episode += random.NextInt32(4))
            {
                stops.Add(episode);
                var result = await stopped.TrainUntilAsync(episode, settings);
                Assert.Equal((TrainingOutcome.Interrupted, episode), (result.Outcome, result.Checkpoint!.Episode));
                episode += 1;
            }

            var end = await stopped.TrainAsync(settings);
            Assert.Equal(TrainingOutcome.Finished, end.Outcome);
            Assert.True(expected == stopped.Content(end.Checkpoint), $"seed {seed}, stopped at {string.Join(", ", stops)}:\n{expected}\n---\n{stopped.Content(end.Checkpoint)}");
        }
    }

    [Fact]
    public async Task Stopped_and_continued_in_one_process_a_run_ends_with_the_same_bits()
    {
        using var whole = new Trial();
        var expected = whole.Content((await whole.TrainAsync()).Checkpoint);
        using var stopped = new Trial();
        await using var trainer = await stopped.OpenAsync();
        Assert.Equal(TrainingOutcome.Interrupted, (await Trial.TrainUntilAsync(trainer, 3)).Outcome);
        Assert.Equal(TrainingOutcome.Interrupted, (await Trial.TrainUntilAsync(trainer, 7)).Outcome);
        Assert.Equal(expected, stopped.Content((await trainer.TrainAsync()).Checkpoint));
    }

    [Fact]
    public async Task Going_back_to_an_earlier_checkpoint_gives_the_same_bits_again()
    {
        using var trial = new Trial();
        await using var trainer = await trial.OpenAsync();
        var first = (await trainer.TrainAsync()).Checkpoint;
        var earlier = trainer.Checkpoints.Single(saved => saved.Episode == 4);
        await trainer.LoadCheckpointAsync(earlier.Id);
        Assert.Equal(4, trainer.CurrentEpisode);
        Assert.All(trainer.ModelStates, model => Assert.Equal(4, model.EpisodeCount));
        var again = await trainer.TrainAsync();
        Assert.Equal(TrainingOutcome.Finished, again.Outcome);
        Assert.NotEqual(first!.Id, again.Checkpoint!.Id);
        Assert.Equal(trial.Content(first), trial.Content(again.Checkpoint));
    }

    [Fact]
    public async Task More_episodes_continue_a_finished_run_as_if_it_had_never_ended()
    {
        using var longer = new Trial();
        var expected = longer.Content((await longer.TrainAsync("Training:MaxEpisodes=15")).Checkpoint);
        using var extended = new Trial();
        await extended.TrainAsync();
        var result = await extended.TrainAsync("Training:MaxEpisodes=15");
        Assert.Equal((TrainingOutcome.Finished, 15), (result.Outcome, result.Episode));
        Assert.Equal(expected, extended.Content(result.Checkpoint));
    }

    [Fact]
    public async Task What_the_environments_remember_travels_in_the_checkpoint()
    {
        using var trial = new Trial();
        var result = await trial.TrainAsync();
        var plugins = trial.Read(result.Checkpoint, "training_state.json")["plugins"]!;
        Assert.Equal("""{"environment/0":20,"environment/1":20}""", plugins.ToJsonString());
    }

    [Fact]
    public async Task Another_seed_is_another_run()
    {
        using var one = new Trial();
        using var other = new Trial();
        var first = one.Content((await one.TrainAsync("Training:Seed=1")).Checkpoint);
        Assert.NotEqual(first, other.Content((await other.TrainAsync("Training:Seed=2")).Checkpoint));
    }
}
