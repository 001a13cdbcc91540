using System.Collections.Concurrent;
using CoreSrl.Abstractions;
using CoreSrl.Configuration;
using CoreSrl.Training;
using Microsoft.Extensions.Logging;

namespace CoreSrl.Tests.Training;

/// <summary>A run whose storage is slow, fails, or is told to be waited for.</summary>
public sealed class SavingTests
{
    private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Task Gate => _gate.Task.WaitAsync(TimeSpan.FromMinutes(1));

    [Fact]
    public async Task While_a_checkpoint_is_written_training_goes_on_and_the_checkpoint_is_of_its_episode()
    {
        using var undisturbed = new Trial();
        var expected = undisturbed.Content((await undisturbed.TrainUntilAsync(4)).Checkpoint);
        using var trial = new Trial();
        trial.Storage.Before = AtCommit((_, _) => Gate);
        await using var trainer = await trial.OpenFaultyAsync();
        var before = -1;
        On(trainer, 7, () =>
        {
            before = trainer.Checkpoints.Count;
            _gate.SetResult();
        });
        Assert.Equal(TrainingOutcome.Finished, (await trainer.TrainAsync()).Outcome);
        Assert.Equal(0, before);
        Assert.Equal([10, 8, 4], trainer.Checkpoints.Select(saved => saved.Episode));
        Assert.Equal(expected, trial.Content(trainer.Checkpoints[2]));
    }

    [Fact]
    public async Task A_storage_that_does_not_answer_for_a_while_costs_neither_an_episode_nor_a_checkpoint()
    {
        using var undisturbed = new Trial();
        var expected = undisturbed.Content((await undisturbed.TrainAsync()).Checkpoint);
        using var trial = new Trial();
        trial.Storage.Before = AtCommit((_, _) => Gate);
        await using var trainer = await trial.OpenFaultyAsync("Checkpoints:SaveInterval=2", "Checkpoints:MaxQueuedBytes=1000000");
        var before = -1;
        On(trainer, 9, () =>
        {
            before = trainer.Checkpoints.Count; // Nine episodes were played meanwhile, and four checkpoints wait.
            _gate.SetResult();
        });
        var result = await trainer.TrainAsync();
        Assert.Equal(0, before);
        Assert.Equal([10, 8, 6, 4, 2], trainer.Checkpoints.Select(saved => saved.Episode));
        Assert.Equal(
            trainer.Checkpoints.Skip(1).Select(saved => saved.Id).Append(null),
            trainer.Checkpoints.Select(saved => (string?)trial.Read(saved, "metadata.json")["parent"]));
        Assert.Equal(expected, trial.Content(result.Checkpoint));
    }

    [Fact]
    public async Task Told_to_wait_every_checkpoint_that_was_due_is_taken()
    {
        using var trial = new Trial();
        var commits = 0;
        trial.Storage.Before = AtCommit((_, _) => ++commits == 1 ? Gate : Task.CompletedTask);
        await using var trainer = await trial.OpenFaultyAsync("Checkpoints:SaveInterval=2");
        On(trainer, 4, () => Task.Run(_gate.SetResult));
        await trainer.TrainAsync();
        Assert.Equal([10, 8, 6, 4, 2], trainer.Checkpoints.Select(saved => saved.Episode));
        Assert.All(trainer.Checkpoints, saved => Assert.Equal("[]", Skipped(trial, saved)));
    }

    [Fact]
    public async Task Told_to_skip_a_checkpoint_is_skipped_and_the_final_one_says_which()
    {
        using var trial = new Trial();
        trial.Storage.Before = AtCommit((_, _) => Gate);
        await using var trainer = await trial.OpenFaultyAsync("Checkpoints:SaveInterval=2", "Checkpoints:WhenBusy=skip");
        On(trainer, 9, _gate.SetResult);
        await trainer.TrainAsync();
        Assert.Equal([10, 2], trainer.Checkpoints.Select(saved => saved.Episode));
        Assert.Equal(["[4,6,8]", "[]"], trainer.Checkpoints.Select(saved => Skipped(trial, saved)));
        Assert.Equal(trainer.Checkpoints[1].Id, (string?)trial.Read(trainer.Checkpoints[0], "metadata.json")["parent"]);
    }

    [Fact]
    public async Task Told_to_skip_what_somebody_asked_for_is_taken_all_the_same()
    {
        using var trial = new Trial();
        trial.Storage.Before = AtCommit((_, _) => Gate);
        await using var trainer = await trial.OpenFaultyAsync("Checkpoints:SaveInterval=2", "Checkpoints:WhenBusy=skip");
        Task<SavedCheckpoint>? asked = null;
        On(trainer, 5, () =>
        {
            asked = trainer.SaveCheckpointAsync();
            Task.Run(_gate.SetResult);
        });
        await trainer.TrainAsync();
        Assert.Equal(5, (await asked!).Episode);
        Assert.Equal("[4]", Skipped(trial, await asked));
    }

    [Fact]
    public async Task Interrupted_while_a_checkpoint_is_written_the_last_episode_is_saved_too()
    {
        using var trial = new Trial();
        trial.Storage.Before = AtCommit((_, _) => Gate);
        await using var trainer = await trial.OpenFaultyAsync("Checkpoints:SaveInterval=2", "Checkpoints:WhenBusy=skip");
        On(trainer, 5, () => Task.Run(_gate.SetResult));
        Assert.Equal(5, (await Trial.TrainUntilAsync(trainer, 5)).Checkpoint!.Episode);
        Assert.Equal([5, 2], trainer.Checkpoints.Select(saved => saved.Episode));
    }

    [Fact]
    public async Task Not_asynchronous_a_checkpoint_is_durable_before_the_next_episode_begins()
    {
        using var trial = new Trial();
        await using var trainer = await trial.OpenAsync("Checkpoints:Asynchronous=false", "Checkpoints:SaveInterval=3");
        var events = new ConcurrentQueue<string>();
        trainer.EpisodeCompleted += report => events.Enqueue($"{report.Progress.Episode}");
        trainer.CheckpointSaved += saved => events.Enqueue($"saved {saved.Episode}");
        await trainer.TrainAsync();
        Assert.Equal("1 2 3 saved 3 4 5 6 saved 6 7 8 9 saved 9 10 saved 10", string.Join(' ', events));
    }

    [Fact]
    public async Task Not_asynchronous_a_failure_stops_the_run_at_its_own_boundary()
    {
        using var trial = new Trial();
        var failures = 1;
        trial.Storage.Before = AtCommit((_, key) => failures-- > 0 ? throw NoRoom(key) : Task.CompletedTask);
        await using var trainer = await trial.OpenFaultyAsync("Checkpoints:Asynchronous=false");
        var error = await Assert.ThrowsAsync<TrainingFailedException>(() => trainer.TrainAsync());
        var saved = Assert.Single(trainer.Checkpoints);
        Assert.Equal($"Training failed after episode 4: no room. The last good episode is saved as '{saved.Id}'; mend the cause and run again to go on from there.", error.Message);
    }

    [Fact]
    public async Task A_background_save_that_fails_stops_the_run_at_a_later_boundary_told_once_and_the_next_run_ends_in_the_same_bits()
    {
        using var undisturbed = new Trial();
        var expected = undisturbed.Content((await undisturbed.TrainAsync()).Checkpoint);
        using var trial = new Trial();
        var first = (await trial.TrainUntilAsync(2)).Checkpoint!;
        trial.Storage.Before = AtCommit(async (_, key) =>
        {
            if (!key.Contains("_ep_4_", StringComparison.Ordinal))
                return;
            await Gate;
            throw NoRoom(key);
        });
        await using (var trainer = await trial.OpenFaultyAsync("Training:MaxEpisodes=1000000", "Checkpoints:SaveInterval=4"))
        {
            On(trainer, 6, _gate.SetResult);
            var error = await Assert.ThrowsAsync<TrainingFailedException>(() => trainer.TrainAsync());
            var emergency = trainer.Checkpoints[0];
            Assert.InRange(trainer.CurrentEpisode, 6, 8); // The checkpoint of episode 8 waits for that of episode 4.
            Assert.Equal(
                $"Training failed after episode {trainer.CurrentEpisode}: no room. The last good episode is saved as '{emergency.Id}'; mend the cause and run again to go on from there.",
                error.Message);
            Assert.Equal([emergency.Id, first.Id], trainer.Checkpoints.Select(saved => saved.Id));
            Assert.Equal(first.Id, (string?)trial.Read(emergency, "metadata.json")["parent"]);
            Assert.Empty(Directory.GetDirectories(trial.Folder, "*_ep_4_*"));
        }

        Assert.Equal(expected, trial.Content((await trial.TrainAsync()).Checkpoint));
    }

    [Fact]
    public async Task A_background_save_that_fails_is_told_at_the_end_of_training_at_the_latest_and_the_next_run_finishes()
    {
        using var trial = new Trial();
        trial.Storage.Before = AtCommit(async (_, key) =>
        {
            if (!key.Contains("_ep_8_", StringComparison.Ordinal))
                return;
            await Gate;
            throw NoRoom(key);
        });
        await using (var trainer = await trial.OpenFaultyAsync())
        {
            On(trainer, 10, _gate.SetResult);
            var error = await Assert.ThrowsAsync<TrainingFailedException>(() => trainer.TrainAsync());
            Assert.StartsWith("Training failed after episode 10: no room. The last good episode is saved as 'trial_ep_10_", error.Message, StringComparison.Ordinal);
            Assert.Equal([10, 4], trainer.Checkpoints.Select(saved => saved.Episode));
        }

        Assert.Equal(TrainingOutcome.Finished, (await trial.TrainAsync()).Outcome);
    }

    [Fact]
    public async Task A_background_save_that_failed_before_an_interruption_is_told_though_the_interruption_could_be_saved()
    {
        using var trial = new Trial();
        trial.Storage.Before = AtCommit(async (_, key) =>
        {
            if (!key.Contains("_ep_4_", StringComparison.Ordinal))
                return;
            await Gate;
            throw NoRoom(key);
        });
        await using var trainer = await trial.OpenFaultyAsync();
        On(trainer, 5, () => Task.Run(_gate.SetResult));
        var told = await Record.ExceptionAsync(() => Trial.TrainUntilAsync(trainer, 5)); // The failure may come first, and ends the run then.
        Assert.Equal(5, Assert.Single(trainer.Checkpoints).Episode);
        Assert.Contains("no room", told?.Message ?? Assert.Single(trial.Loggers.Messages(LogLevel.Warning)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_failures_of_one_cause_are_told_in_one()
    {
        using var trial = new Trial();
        trial.Storage.Before = (_, key) => key.Contains("_ep_", StringComparison.Ordinal)
            ? throw new StorageException(StorageErrorKind.Permanent, key, $"'{key}': no space is left", new IOException($"disk full: {key}", 28))
            : Task.CompletedTask;
        await using var trainer = await trial.OpenFaultyAsync("Training:MaxEpisodes=1000000");
        var error = await Assert.ThrowsAsync<TrainingFailedException>(() => trainer.TrainAsync());
        Assert.EndsWith(": no space is left. The last good episode could not be saved for the same reason. There is no checkpoint.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_waiting_for_the_checkpoint_that_was_asked_for_ends_no_process()
    {
        var unobserved = new ConcurrentQueue<string>();
        void Note(object? sender, UnobservedTaskExceptionEventArgs e) => unobserved.Enqueue(e.Exception.ToString());
        TaskScheduler.UnobservedTaskException += Note;
        try
        {
            await AskAndForgetAsync();
            for (var i = 0; i < 3; i++)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }

            Assert.DoesNotContain(unobserved, told => told.Contains("nobody waits for this", StringComparison.Ordinal));
        }
        finally
        {
            TaskScheduler.UnobservedTaskException -= Note;
        }
    }

    [Fact]
    public async Task A_clock_that_is_set_back_changes_nothing_of_a_run()
    {
        using var undisturbed = new Trial();
        var expected = undisturbed.Content((await undisturbed.TrainAsync()).Checkpoint);
        using var trial = new Trial();
        foreach (var stop in new[] { 3, 5, 9 })
        {
            await using var trainer = await trial.OpenAsync();
            trainer.EpisodeCompleted += _ => trial.Clock.Now -= TimeSpan.FromHours(7);
            Assert.Equal(stop, (await Trial.TrainUntilAsync(trainer, stop)).Checkpoint!.Episode);
        }

        Assert.Equal(expected, trial.Content((await trial.TrainAsync()).Checkpoint));
        await using var last = await trial.OpenAsync();
        Assert.Equal([10, 9, 8, 5, 4, 3], last.Checkpoints.Select(saved => saved.Episode));
        Assert.Equal([3, 5, 9], trial.Notices.Select(notice => int.Parse(notice.Split(' ')[^1].TrimEnd('.'))));
    }

    [Fact]
    public async Task What_another_process_saved_before_this_one_got_the_directory_is_gone_on_from_and_damage_is_told_once()
    {
        using var undisturbed = new Trial();
        var expected = undisturbed.Content((await undisturbed.TrainAsync()).Checkpoint);
        using var trial = new Trial();
        var damaged = (await trial.TrainUntilAsync(6)).Checkpoint!;
        trial.Damage(damaged, "training_state.json");
        await using var trainer = await trial.OpenAsync();
        var another = (await trial.TrainUntilAsync(9)).Checkpoint!;
        trial.Notices.Clear();

        Assert.Equal(expected, trial.Content((await trainer.TrainAsync()).Checkpoint));
        Assert.Equal(2, trial.Notices.Count);
        Assert.StartsWith($"Checkpoint '{damaged.Id}': training_state.json ", trial.Notices[0], StringComparison.Ordinal);
        Assert.Equal($"Going on from checkpoint '{another.Id}' at episode 9.", trial.Notices[1]);
    }

    [Fact]
    public async Task A_directory_that_could_not_be_had_is_looked_at_again_and_damage_is_told_once()
    {
        using var undisturbed = new Trial();
        var expected = undisturbed.Content((await undisturbed.TrainAsync()).Checkpoint);
        using var trial = new Trial();
        var damaged = (await trial.TrainUntilAsync(6)).Checkpoint!;
        trial.Damage(damaged, "training_state.json");
        await using var trainer = await trial.OpenFaultyAsync();
        trial.Storage.Before = (_, key) => key == "claim.json" ? throw NoRoom(key) : Task.CompletedTask;
        for (var attempt = 0; attempt < 2; attempt++)
            await Assert.ThrowsAsync<ConfigurationException>(() => trainer.TrainAsync());
        Assert.StartsWith($"Checkpoint '{damaged.Id}': training_state.json ", Assert.Single(trial.Notices), StringComparison.Ordinal);

        var another = (await trial.TrainUntilAsync(9)).Checkpoint!;
        trial.Notices.Clear();
        trial.Storage.Before = (_, _) => Task.CompletedTask;
        Assert.Equal(expected, trial.Content((await trainer.TrainAsync()).Checkpoint));
        Assert.Equal([$"Going on from checkpoint '{another.Id}' at episode 9."], trial.Notices);
    }

    private static async Task AskAndForgetAsync()
    {
        using var trial = new Trial();
        trial.Storage.Before = (_, key) => key.Contains("_ep_", StringComparison.Ordinal)
            ? throw new StorageException(StorageErrorKind.Permanent, key, "nobody waits for this")
            : Task.CompletedTask;
        await using var trainer = await trial.OpenFaultyAsync();
        On(trainer, 3, () => { _ = trainer.SaveCheckpointAsync(); });
        await Assert.ThrowsAsync<TrainingFailedException>(() => trainer.TrainAsync());
    }

    private static StorageException NoRoom(string key) => new(StorageErrorKind.Permanent, key, "no room");

    private static Func<string, string, Task> AtCommit(Func<string, string, Task> call) =>
        (verb, key) => verb == "create" && key.EndsWith("/metadata.json", StringComparison.Ordinal) ? call(verb, key) : Task.CompletedTask;

    private static void On(MultiModelTrainer trainer, long episode, Action call) => trainer.EpisodeCompleted += report =>
    {
        if (report.Progress.Episode == episode)
            call();
    };

    private static string Skipped(Trial trial, SavedCheckpoint saved) => trial.Read(saved, "metadata.json")["skipped_saves"]!.ToJsonString();
}
