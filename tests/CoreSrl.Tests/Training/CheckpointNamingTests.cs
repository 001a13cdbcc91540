using CoreSrl.Training;

namespace CoreSrl.Tests.Training;

/// <summary>What a checkpoint is follows from its metadata, whatever it is called.</summary>
public sealed class CheckpointNamingTests : IDisposable
{
    private readonly Trial _trial = new();

    public void Dispose() => _trial.Dispose();

    [Fact]
    public async Task Order_final_and_resume_do_not_depend_on_the_names_of_several_templates_in_one_directory()
    {
        string[] templates = ["z_{episode}_{timestamp}", "{timestamp:yyyyMMdd-HHmmss}.{episode:000000}", "{mode}_{models}models_{run}_{metric:avg_reward:F2}_{episode}_{timestamp}", "a_{episode}_{timestamp}"];
        for (var part = 0; part < 3; part++)
        {
            _trial.Clock.Now += TimeSpan.FromMinutes(1);
            await _trial.TrainUntilAsync(2 * part + 2, "Checkpoints:SaveInterval=1", $"Checkpoints:Name={templates[part]}");
        }

        _trial.Clock.Now += TimeSpan.FromMinutes(1);
        var result = await _trial.TrainAsync("Checkpoints:SaveInterval=3", $"Checkpoints:Name={templates[3]}");
        Assert.Contains(_trial.Notices, notice => notice.StartsWith("Going on from checkpoint 'mixed_3models_trial_", StringComparison.Ordinal) && notice.EndsWith("at episode 6.", StringComparison.Ordinal));
        await using var trainer = await _trial.OpenAsync();
        Assert.Equal([10, 9, 6, 5, 4, 3, 2, 1], trainer.Checkpoints.Select(saved => saved.Episode));
        Assert.Equal((TrainingOutcome.Finished, true), (result.Outcome, trainer.Checkpoints[0].Final));
        Assert.StartsWith("final_a_10_", trainer.Checkpoints[0].Id, StringComparison.Ordinal);
        Assert.Single(trainer.Checkpoints, saved => saved.Final);
        Assert.Equal(TrainingOutcome.AlreadyFinished, (await trainer.TrainAsync()).Outcome);
    }

    [Fact]
    public async Task Two_checkpoints_of_one_moment_and_episode_get_two_names()
    {
        // The clock stands still; a name is made unique by the next second.
        var result = await _trial.TrainAsync("Checkpoints:Name={run}-{episode:0}-{timestamp:yyyyMMdd-HHmmss}", "Checkpoints:SaveInterval=1");
        Assert.Equal(TrainingOutcome.Finished, result.Outcome);
        await using var trainer = await _trial.OpenAsync("Checkpoints:Name={run}-{episode:0}-{timestamp:yyyyMMdd-HHmmss}");
        await trainer.LoadCheckpointAsync(trainer.Checkpoints[^1].Id);
        var again = await trainer.SaveCheckpointAsync();
        Assert.Equal(11, trainer.Checkpoints.Select(saved => saved.Id).Distinct().Count());
        Assert.Equal(again.Id, trainer.Checkpoints[0].Id);
    }
}
