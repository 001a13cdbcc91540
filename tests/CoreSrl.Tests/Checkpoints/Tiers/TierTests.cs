using CoreSrl.Abstractions;
using CoreSrl.Checkpoints;
using CoreSrl.Checkpoints.Policies;
using CoreSrl.Configuration;
using CoreSrl.Tests.Fakes;
using CoreSrl.Tests.Storage;
using Microsoft.Extensions.Logging;

namespace CoreSrl.Tests.Checkpoints.Tiers;

/// <summary>Checkpoints are committed in the fast tier and brought to the durable one behind; the newest whole one of both counts.</summary>
public sealed class TierTests
{
    private readonly TwoTiers _tiers = new();

    [Fact]
    public async Task The_fast_tier_keeps_few_and_the_durable_one_what_the_policies_say()
    {
        await using var manager = await _tiers.OpenAsync();
        for (var step = 1; step <= 6; step++)
        {
            await _tiers.SaveAsync(manager, step);
            await manager.FlushAsync();
        }

        Assert.Equal([6, 5, 4], manager.Checkpoints.Select(saved => saved.Episode));
        Assert.Empty(manager.NotYetDurable);
        Assert.Equal([["fast", "durable"], ["fast", "durable"], ["durable"]], manager.Checkpoints.Select(saved => manager.LocationsOf(saved.Id)));
        Assert.Empty(manager.LocationsOf("none"));
        Assert.Equal([6, 5, 4], await TwoTiers.StepsAsync(_tiers.DurableObjects));
        Assert.Equal([6, 5], await TwoTiers.StepsAsync(_tiers.FastObjects));
    }

    [Fact]
    public async Task An_outage_of_the_durable_storage_costs_no_save_and_removes_nothing_that_is_not_durable()
    {
        await using var manager = await _tiers.OpenAsync();
        for (var step = 1; step <= 3; step++)
            await _tiers.SaveAsync(manager, step);
        await manager.FlushAsync();

        _tiers.Outage = StorageErrorKind.Transient;
        for (var step = 4; step <= 13; step++)
            await _tiers.SaveAsync(manager, step);
        var told = await Assert.ThrowsAsync<StorageException>(manager.FlushAsync);
        Assert.Equal("10 checkpoints are in fast alone and could not be copied to durable: no answer. Training that goes on there copies them.", told.Message);
        Assert.Equal(StorageErrorKind.Transient, told.Kind);
        Assert.Equal([13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1], manager.Checkpoints.Select(saved => saved.Episode));
        Assert.Equal([13, 12, 11, 10, 9, 8, 7, 6, 5, 4], manager.NotYetDurable.Select(saved => saved.Episode));
        Assert.Equal([13, 12, 11, 10, 9, 8, 7, 6, 5, 4], (await TwoTiers.StepsAsync(_tiers.FastObjects)).Take(10));
        Assert.Equal([3, 2, 1], await TwoTiers.StepsAsync(_tiers.DurableObjects));

        // The newest comes first, and those that it makes superfluous need not come at all.
        _tiers.Outage = null;
        var before = _tiers.Durable.Changes.Count;
        await manager.FlushAsync();
        Assert.Equal([13, 12, 11], await TwoTiers.StepsAsync(_tiers.DurableObjects));
        Assert.Equal([13, 12], await TwoTiers.StepsAsync(_tiers.FastObjects));
        Assert.Equal(["13", "12", "11"], _tiers.Durable.Changes.Skip(before).Where(change => change.StartsWith("create test_step", StringComparison.Ordinal)).Select(change => change.Split('_')[2]));
    }

    [Fact]
    public async Task What_still_has_to_be_copied_drives_nothing_out_of_the_durable_tier()
    {
        await using var manager = await _tiers.OpenAsync(maxCheckpoints: 2);
        await _tiers.SaveAsync(manager, 1);
        await _tiers.SaveAsync(manager, 2);
        await manager.FlushAsync();
        _tiers.Durable.Before = (verb, key) => verb == "create" && key.EndsWith("metadata.json", StringComparison.Ordinal)
            ? throw new StorageException(StorageErrorKind.Transient, key, "no answer")
            : Task.CompletedTask;
        for (var step = 3; step <= 6; step++)
            await _tiers.SaveAsync(manager, step);
        await Assert.ThrowsAsync<StorageException>(manager.FlushAsync);
        await manager.PruneAsync();
        Assert.Equal([2, 1], await TwoTiers.StepsAsync(_tiers.DurableObjects));
        _tiers.Durable.Before = (_, _) => Task.CompletedTask;
    }

    [Fact]
    public async Task A_checkpoint_that_a_policy_wants_is_copied_however_many_newer_ones_are_durable()
    {
        var best = new KeepBestPolicy(new() { Metric = "score", Count = 1 });
        await using var manager = await CheckpointManager.OpenAsync(
            _tiers.Durable, new() { RunName = "test", MaxCheckpoints = 1, SaveInterval = 1, RetryFor = TimeSpan.Zero, FastTier = new(_tiers.Fast) { Keep = 1 }, Policies = [best] });
        await await manager.SaveAsync(1, new Dictionary<string, double> { ["score"] = 1 }, _tiers.Model);
        await manager.FlushAsync();
        _tiers.Outage = StorageErrorKind.Transient;
        foreach (var (step, score) in new[] { (2, 5.0), (3, 9.0), (4, 2.0), (5, 3.0) })
            await await manager.SaveAsync(step, new Dictionary<string, double> { ["score"] = score }, _tiers.Model);
        await Assert.ThrowsAsync<StorageException>(manager.FlushAsync);
        _tiers.Outage = null;
        await manager.FlushAsync();
        Assert.Equal([5, 3], await TwoTiers.StepsAsync(_tiers.DurableObjects));
        Assert.Equal([5], await TwoTiers.StepsAsync(_tiers.FastObjects));
    }

    [Fact]
    public async Task A_machine_that_is_lost_loses_no_more_than_what_was_not_durable()
    {
        await using (var manager = await _tiers.OpenAsync())
        {
            await _tiers.SaveAsync(manager, 1);
            await _tiers.SaveAsync(manager, 2);
        }

        _tiers.LoseFast();
        var model = new TestModel(9, new() { Width = 64, Frozen = 5000 });
        await using var next = await _tiers.OpenAsync();
        Assert.Equal(2, (await next.RestoreLatestAsync(model))!.Saved.Episode);
        Assert.Equal(2, model.Weights[0]);
        var third = await _tiers.SaveAsync(next, 3);
        await next.FlushAsync();
        Assert.Equal([3, 2, 1], await TwoTiers.StepsAsync(_tiers.DurableObjects));
        Assert.Equal([3], await TwoTiers.StepsAsync(_tiers.FastObjects));
        Assert.Equal(next.Checkpoints[1].Id, (string?)(await next.DescribeAsync(third.Id)).Document["parent"]);
    }

    [Fact]
    public async Task What_was_not_durable_when_a_process_ended_is_where_the_next_goes_on_from_and_is_copied_then()
    {
        var manager = await _tiers.OpenAsync();
        await _tiers.SaveAsync(manager, 1);
        await manager.FlushAsync();
        _tiers.Outage = StorageErrorKind.Transient;
        await _tiers.SaveAsync(manager, 2);
        await Assert.ThrowsAsync<StorageException>(async () => await manager.DisposeAsync());
        _tiers.Outage = null;
        Assert.Equal([1], await TwoTiers.StepsAsync(_tiers.DurableObjects));

        await using (var looking = await _tiers.OpenReadOnlyAsync())
        {
            Assert.Equal([2, 1], looking.Checkpoints.Select(saved => saved.Episode));
            Assert.Equal([2], looking.NotYetDurable.Select(saved => saved.Episode));
        }

        await using var next = await _tiers.OpenAsync();
        Assert.Equal(2, (await next.RestoreLatestAsync(_tiers.Model))!.Saved.Episode);
        await next.FlushAsync();
        Assert.Equal([2, 1], await TwoTiers.StepsAsync(_tiers.DurableObjects));
    }

    [Fact]
    public async Task Half_a_copy_is_gone_on_with_and_base_weights_are_copied_once()
    {
        var manager = await _tiers.OpenAsync();
        await _tiers.SaveAsync(manager, 1);
        await manager.FlushAsync();
        _tiers.Durable.Before = (_, key) => key.EndsWith("/metadata.json", StringComparison.Ordinal) ? throw new StorageException(StorageErrorKind.Transient, key, "no answer") : Task.CompletedTask;
        var second = await _tiers.SaveAsync(manager, 2);
        await Assert.ThrowsAsync<StorageException>(async () => await manager.DisposeAsync());
        Assert.True(_tiers.DurableObjects.Objects.ContainsKey($"{second.Id}/lora_weights/lora_0.pt"));

        _tiers.Durable.Before = (_, _) => Task.CompletedTask;
        var before = _tiers.Durable.Changes.Count;
        await using var next = await _tiers.OpenAsync();
        await next.RestoreLatestAsync(_tiers.Model);
        await next.FlushAsync();
        Assert.Equal([2, 1], await TwoTiers.StepsAsync(_tiers.DurableObjects));
        Assert.DoesNotContain(_tiers.Durable.Changes.Skip(before), change => change.Contains("lora_weights", StringComparison.Ordinal));
        Assert.Single(_tiers.Durable.Changes, change => change.Contains("base_weights/", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Of_a_checkpoint_that_is_damaged_in_one_tier_the_other_copy_counts(bool fastIsDamaged)
    {
        SavedCheckpoint saved;
        await using (var manager = await _tiers.OpenAsync())
        {
            await _tiers.SaveAsync(manager, 1);
            saved = await _tiers.SaveAsync(manager, 2);
        }

        var key = $"{saved.Id}/lora_weights/lora_0.pt";
        TwoTiers.Rot(fastIsDamaged ? _tiers.FastObjects : _tiers.DurableObjects, key);
        await using var next = await _tiers.OpenAsync();
        Assert.Contains($" (in {(fastIsDamaged ? "fast" : "durable")}).", Assert.Single((await next.VerifyAsync(saved.Id)).Problems).Message, StringComparison.Ordinal);
        var model = new TestModel(9, new() { Width = 64, Frozen = 5000 });
        Assert.Equal(saved.Id, (await next.RestoreLatestAsync(model))!.Saved.Id);
        Assert.Equal(2, model.Weights[0]);
        Assert.Equal(fastIsDamaged, _tiers.Loggers.Messages(LogLevel.Warning).Any(line => line.EndsWith("It is set aside; trying its copy in durable.", StringComparison.Ordinal)));
        Assert.Empty(next.Damaged);
        await _tiers.SaveAsync(next, 3);
    }

    [Fact]
    public async Task A_checkpoint_that_is_named_is_read_from_the_other_tier_where_one_copy_is_damaged_or_gone()
    {
        SavedCheckpoint saved;
        await using (var manager = await _tiers.OpenAsync())
        {
            saved = await _tiers.SaveAsync(manager, 1);
            await _tiers.SaveAsync(manager, 2);
        }

        using var folder = new TemporaryFolder();
        await using (var looking = await _tiers.OpenReadOnlyAsync())
        {
            // The process that saves there has removed it from its fast tier meanwhile.
            foreach (var key in _tiers.FastObjects.Objects.Keys.Where(key => key.StartsWith(saved.Id, StringComparison.Ordinal)).ToList())
                _tiers.FastObjects.Objects.TryRemove(key, out _);
            Assert.True(File.Exists(await looking.ExportAsync(saved.Id, "model", ExportFormat.Safetensors, Path.Combine(folder.Path, "model.safetensors"))));
            Assert.Equal(saved.Id, (await looking.DescribeAsync(saved.Id)).Saved.Id);
        }

        await using var next = await _tiers.OpenAsync();
        var newest = next.Checkpoints[0];
        TwoTiers.Rot(_tiers.FastObjects, $"{newest.Id}/lora_weights/lora_0.pt");
        Assert.Equal(newest.Id, (await next.RestoreAsync(newest.Id, _tiers.Model)).Saved.Id);
        Assert.Equal(2, _tiers.Model.Weights[0]);
        TwoTiers.Rot(_tiers.DurableObjects, $"{newest.Id}/lora_weights/lora_0.pt");
        await Assert.ThrowsAsync<DamagedCheckpointException>(() => next.RestoreAsync(newest.Id, _tiers.Model));
    }

    [Fact]
    public async Task Base_weights_are_not_read_back_with_every_checkpoint()
    {
        await using var manager = await _tiers.OpenAsync();
        await _tiers.SaveAsync(manager, 1);
        await manager.FlushAsync();
        var read = 0;
        _tiers.Durable.Reading = (verb, key) =>
        {
            if (verb == "read" && key.StartsWith("base_weights/", StringComparison.Ordinal))
                Interlocked.Increment(ref read);
            return Task.CompletedTask;
        };
        await _tiers.SaveAsync(manager, 2);
        await manager.FlushAsync();
        Assert.Equal(0, read);
        Assert.Equal([2, 1], await TwoTiers.StepsAsync(_tiers.DurableObjects));
    }

    [Fact]
    public async Task What_those_before_left_is_copied_as_soon_as_training_goes_on()
    {
        var manager = await _tiers.OpenAsync();
        _tiers.Outage = StorageErrorKind.Transient;
        await _tiers.SaveAsync(manager, 1);
        await Assert.ThrowsAsync<StorageException>(async () => await manager.DisposeAsync());
        _tiers.Outage = null;
        await using var next = await CheckpointManager.OpenAsync(_tiers.Durable, new() { RunName = "test", SaveInterval = 100, FastTier = new(_tiers.Fast) });
        await next.RestoreLatestAsync(_tiers.Model);
        Assert.Null(await next.SaveIfDueAsync(2, null, _tiers.Model));
        for (var tries = 0; tries < 500 && next.NotYetDurable.Count > 0; tries++)
            await Task.Delay(10);
        Assert.Equal([1], await TwoTiers.StepsAsync(_tiers.DurableObjects));
    }

    [Fact]
    public async Task What_vanished_before_it_was_copied_is_told_and_not_said_to_be_durable()
    {
        await using var manager = await _tiers.OpenAsync();
        _tiers.Outage = StorageErrorKind.Transient;
        await _tiers.SaveAsync(manager, 1);
        var second = await _tiers.SaveAsync(manager, 2);
        _tiers.FastObjects.Objects.TryRemove($"{second.Id}/metadata.json", out _);
        _tiers.Outage = null;
        await manager.FlushAsync();
        Assert.Equal([1], await TwoTiers.StepsAsync(_tiers.DurableObjects));
        Assert.Equal([second.Id], manager.Damaged.Select(damage => damage.CheckpointId));
        Assert.Contains("metadata.json is missing", Assert.Single(_tiers.Loggers.Messages(LogLevel.Error)), StringComparison.Ordinal);
        Assert.DoesNotContain(_tiers.Loggers.Messages(LogLevel.Information), line => line.Contains($"'{second.Id}' is in durable, too", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Disposing_of_it_again_does_nothing_and_nobody_waits_for_what_is_over()
    {
        var manager = await _tiers.OpenAsync();
        await _tiers.SaveAsync(manager, 1);
        await manager.DisposeAsync();
        await manager.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => manager.FlushAsync().WaitAsync(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task Metadata_that_is_damaged_in_the_durable_tier_is_mended_from_the_fast_one()
    {
        SavedCheckpoint saved;
        await using (var manager = await _tiers.OpenAsync())
            saved = await _tiers.SaveAsync(manager, 1);
        TwoTiers.Rot(_tiers.DurableObjects, $"{saved.Id}/metadata.json");
        await using (var next = await _tiers.OpenAsync())
        {
            Assert.Empty(next.Damaged);
            Assert.Single((await next.VerifyAsync(saved.Id)).Problems);
            await next.FlushAsync();
            Assert.Empty((await next.VerifyAsync(saved.Id)).Problems);
        }

        Assert.Equal([1], await TwoTiers.StepsAsync(_tiers.DurableObjects));
    }

    [Fact]
    public async Task What_is_damaged_before_it_was_copied_is_not_passed_on()
    {
        await using var manager = await _tiers.OpenAsync();
        _tiers.Outage = StorageErrorKind.Transient;
        await _tiers.SaveAsync(manager, 1);
        var second = await _tiers.SaveAsync(manager, 2);
        TwoTiers.Rot(_tiers.FastObjects, $"{second.Id}/lora_weights/lora_0.pt");
        _tiers.Outage = null;
        await manager.FlushAsync();
        Assert.Equal([1], await TwoTiers.StepsAsync(_tiers.DurableObjects));
        Assert.Equal([second.Id], manager.Damaged.Select(damage => damage.CheckpointId));
        Assert.EndsWith("It is set aside, and was not copied to durable.", Assert.Single(_tiers.Loggers.Messages(LogLevel.Error)), StringComparison.Ordinal);
        await _tiers.SaveAsync(manager, 3);
        await manager.FlushAsync();
        Assert.Equal([3, 1], await TwoTiers.StepsAsync(_tiers.DurableObjects));
    }

    [Fact]
    public async Task A_failure_that_will_not_pass_stops_training_and_loses_nothing()
    {
        await using var manager = await _tiers.OpenAsync();
        await _tiers.SaveAsync(manager, 1);
        await manager.FlushAsync();
        _tiers.Outage = StorageErrorKind.Permanent;
        await _tiers.SaveAsync(manager, 2);
        var told = await Assert.ThrowsAsync<StorageException>(async () =>
        {
            for (var step = 3; step < 1000; step++)
            {
                await manager.SaveIfDueAsync(step, null, _tiers.Model);
                await Task.Delay(10);
            }
        });
        Assert.Contains("in fast alone and could not be copied to durable: no answer.", told.Message, StringComparison.Ordinal);
        Assert.Equal(StorageErrorKind.Permanent, told.Kind);
        _tiers.Outage = null;
        await manager.FlushAsync();
        Assert.Equal(manager.Checkpoints[0].Episode, (await TwoTiers.StepsAsync(_tiers.DurableObjects))[0]);
    }

    [Fact]
    public async Task Whoever_has_either_tier_is_named_and_whoever_loses_the_durable_one_is_told()
    {
        await using (await CheckpointManager.OpenAsync(_tiers.Fast))
            Assert.StartsWith("fast is in use by ", (await Assert.ThrowsAsync<DirectoryInUseException>(() => _tiers.OpenAsync())).Message, StringComparison.Ordinal);
        await using (await CheckpointManager.OpenAsync(_tiers.DurableObjects))
            Assert.StartsWith("durable is in use by ", (await Assert.ThrowsAsync<DirectoryInUseException>(() => _tiers.OpenAsync())).Message, StringComparison.Ordinal);

        var manager = await _tiers.OpenAsync();
        await _tiers.SaveAsync(manager, 1);
        await manager.FlushAsync();
        _tiers.DurableObjects.Objects.TryRemove("claim.json", out _);
        await using var other = await CheckpointManager.OpenAsync(new AnothersStorage(_tiers.DurableObjects, AnothersStorage.Elsewhere("other")));
        await _tiers.SaveAsync(manager, 2);
        Assert.Contains("durable was taken over by", (await Assert.ThrowsAsync<ClaimLostException>(manager.FlushAsync)).Message, StringComparison.Ordinal);
        await manager.DisposeAsync();
        Assert.Equal([1], await TwoTiers.StepsAsync(_tiers.DurableObjects));
        Assert.Equal([2, 1], await TwoTiers.StepsAsync(_tiers.FastObjects));
    }

    [Fact]
    public async Task Pruning_by_hand_takes_from_both_what_is_durable_and_leaves_what_is_not()
    {
        await using var manager = await _tiers.OpenAsync(keep: 3, maxCheckpoints: -1);
        for (var step = 1; step <= 4; step++)
            await _tiers.SaveAsync(manager, step);
        await manager.FlushAsync();
        _tiers.Durable.Before = (verb, key) => verb == "create" ? throw new StorageException(StorageErrorKind.Transient, key, "no answer") : Task.CompletedTask;
        await _tiers.SaveAsync(manager, 5);
        await Assert.ThrowsAsync<StorageException>(manager.FlushAsync);

        var report = await manager.PruneAsync(new PruneOptions { Keep = [new KeepLastPolicy(new() { Count = 1 })] });
        Assert.Equal(([3, 2, 1], 2), (report.Removed.Select(saved => saved.Episode), report.Left), (a, b) => a.Item1.SequenceEqual(b.Item1) && a.Item2 == b.Item2);
        Assert.Equal([5, 4], await TwoTiers.StepsAsync(_tiers.FastObjects));
        _tiers.Durable.Before = (_, _) => Task.CompletedTask;
        await manager.FlushAsync();
        Assert.Equal([5, 4], await TwoTiers.StepsAsync(_tiers.DurableObjects));
    }

    [Theory]
    [InlineData("fast")]
    [InlineData("durable")]
    public async Task Where_nothing_may_be_deleted_checkpoints_are_copied_all_the_same(string tier)
    {
        await using var manager = await _tiers.OpenAsync(keep: 1, maxCheckpoints: 1);
        (tier == "fast" ? _tiers.Fast : _tiers.Durable).Before = (verb, key) =>
            verb == "delete" ? throw new StorageException(StorageErrorKind.Permanent, key, "deleting is not allowed") : Task.CompletedTask;
        for (var step = 1; step <= 3; step++)
        {
            await _tiers.SaveAsync(manager, step);
            await manager.FlushAsync();
        }

        Assert.Equal(tier == "fast" ? [3] : [3, 2, 1], (await TwoTiers.StepsAsync(_tiers.DurableObjects)).ToArray());
        Assert.Contains(_tiers.Loggers.Messages(LogLevel.Warning), line => line.EndsWith("removing older ones failed: deleting is not allowed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_backup_takes_each_checkpoint_from_the_tier_where_it_is_whole()
    {
        await using var manager = await _tiers.OpenAsync();
        for (var step = 1; step <= 3; step++)
            await _tiers.SaveAsync(manager, step);
        await manager.FlushAsync();
        TwoTiers.Rot(_tiers.FastObjects, $"{manager.Checkpoints[0].Id}/lora_weights/lora_0.pt");
        var backup = new MemoryStorage { Location = "backup" };
        var report = await manager.CopyToAsync(backup, [.. manager.Checkpoints.Select(saved => saved.Id)]);
        Assert.Equal((3, 0), (report.Copied.Count, report.Damaged.Count));
        Assert.Equal([3, 2, 1], await TwoTiers.StepsAsync(backup));
    }

    [Fact]
    public async Task The_fast_tier_of_another_run_is_refused()
    {
        await using (var manager = await _tiers.OpenAsync())
            await _tiers.SaveAsync(manager, 1);
        var other = new MemoryStorage { Location = "other" };
        await using (var manager = await CheckpointManager.OpenAsync(other, new() { RunName = "other" }))
            await await manager.SaveAsync(1, null, _tiers.Model);
        var error = await Assert.ThrowsAsync<ConfigurationException>(() => CheckpointManager.OpenAsync(other, new() { FastTier = new(_tiers.Fast) }));
        Assert.Matches("^fast holds the run 'test-.*', and other the run 'other-.*'. Give each run a fast tier of its own.$", error.Message);
    }

    [Fact]
    public async Task Tiers_that_are_one_place_or_keep_nothing_are_refused()
    {
        var same = await Assert.ThrowsAsync<ConfigurationException>(() => CheckpointManager.OpenAsync(_tiers.Durable, new() { FastTier = new(_tiers.Durable) }));
        Assert.Equal("directory: the fast tier and the durable one are the same place, durable. Give each its own.", same.Message);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => _tiers.OpenAsync(keep: 0));
    }
}
