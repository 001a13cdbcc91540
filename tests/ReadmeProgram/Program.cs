using CoreSrl.Configuration;
using CoreSrl.Training;

var config = MultiModelConfig.Default(
    "Training:Mode=cooperative", "Training:MaxEpisodes=60", "Checkpoints:Directory=./checkpoints/team", "Checkpoints:SaveInterval=20");

await using var trainer = await MultiModelTrainer.CreateAsync(config);
trainer.EpisodeCompleted += e => Console.WriteLine($"episode {e.Progress.Episode}: reward {e.Progress.Metrics["episode_reward"]:F3}");
trainer.CheckpointSaved += c => Console.WriteLine($"saved {c.Id}");

var result = await trainer.TrainAsync(); // killed half-way? Run it again: it goes on, and ends in the same bits.
Console.WriteLine($"{result.Outcome} after {result.Episode} episodes: {result.Checkpoint!.Id}");
