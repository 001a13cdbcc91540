using System.Text.Json.Nodes;
using CoreSrl.EndToEnd.Tests.Processes;
using CoreSrl.EndToEnd.Tests.Training;
using CoreSrl.Storage.Tests.Servers;
using Xunit.Abstractions;

namespace CoreSrl.EndToEnd.Tests.Storages;

/// <summary>A run that commits on the local disk and uploads behind.</summary>
public sealed class TieredTests(ITestOutputHelper output)
{
    private static readonly string[] Episodes = ["--set", "Training:MaxEpisodes=60"];

    [S3Fact]
    public async Task A_run_that_is_killed_and_moved_to_another_machine_ends_in_the_same_bits()
    {
        var place = S3Tests.NewPlace();
        var seed = int.TryParse(Environment.GetEnvironmentVariable("CORESRL_TEST_SEED"), out var given) ? given : Environment.TickCount;
        output.WriteLine($"CORESRL_TEST_SEED={seed}");
        var random = new Random(seed);
        using var folder = new TemporaryFolder();
        folder.Write("run.json", Tiered(place, place.Section));
        folder.Write("durable.json", place.Configuration);
        for (var kill = 0; kill < 3; kill++)
        {
            using var training = Srl.Start(folder.Path, place.Environment, ["train", "run.json", .. Episodes]);
            await training.WaitForAsync("saved ");
            await Task.Delay(random.Next(300));
            training.Kill();
            await training.WaitAsync();
            foreach (var where in new string[][] { ["--config", "run.json"], ["--config", "durable.json"], ["--dir", "fast"] })
            {
                var verified = await Srl.RunAsync(folder.Path, place.Environment, ["verify", "--all", .. where]);
                Assert.True(verified.ExitCode == 0 || verified.Error.Contains("holds no checkpoint", StringComparison.Ordinal), $"{verified.Output}{verified.Error} (seed {seed})");
            }

            if (kill == 1)
                Directory.Delete(folder.File("fast"), recursive: true);
        }

        (await Srl.RunAsync(folder.Path, place.Environment, ["train", "run.json", .. Episodes])).Succeeded();
        (await Srl.RunAsync(folder.Path, place.Environment, "backup", "--all", "--to", "found", "--config", "durable.json")).Succeeded();
        (await Srl.RunAsync(folder.Path, place.Environment, ["train", folder.Write("local.json", Configurations.Small), .. Episodes])).Succeeded();
        RunDirectory expected = new(folder.File("checkpoints/small")), found = new(folder.File("found"));
        // What was on the lost machine alone is gone; of the same episode the bits are the same.
        Assert.Superset(found.Checkpoints.Select(RunDirectory.Episode).ToHashSet(), expected.Checkpoints.Select(RunDirectory.Episode).ToHashSet());
        Assert.Equal([57, 60], found.Checkpoints.Select(RunDirectory.Episode).TakeLast(2));
        Assert.All(found.Checkpoints, one => RunDirectory.AssertSameTensors(expected.Checkpoints.Single(other => RunDirectory.Episode(other) == RunDirectory.Episode(one)), one));
        Assert.Equal([57, 60], new RunDirectory(folder.File("fast")).Checkpoints.Select(RunDirectory.Episode));
    }

    [S3Fact]
    public async Task An_outage_costs_training_nothing_and_what_is_missing_is_uploaded_by_the_next_run()
    {
        using var relay = new Relay(new(TestServer.S3.Address));
        var place = S3Tests.NewPlace();
        using var folder = new TemporaryFolder();
        folder.Write("run.json", Tiered(place, place.Section.Replace(TestServer.S3.Address, relay.Address.ToString(), StringComparison.Ordinal)));
        folder.Write("durable.json", place.Configuration);

        string[] train = ["train", "run.json", .. Episodes, "--set", "Checkpoints:RetryFor=00:00:01"];
        using (var training = Srl.Start(folder.Path, place.Environment, train))
        {
            await training.WaitForAsync("saved ");
            relay.Cut();
            var result = await training.WaitAsync();
            Assert.Equal(1, result.ExitCode);
            Assert.Contains("episode     60/60", result.Output, StringComparison.Ordinal);
            Assert.Contains($"alone and could not be copied to {place.Location}: ", result.Error, StringComparison.Ordinal);
            Assert.Contains("The last good episode is saved as 'final_small_ep_60_", result.Error, StringComparison.Ordinal);
        }

        // Nothing is missing on the local disk.
        var fast = new RunDirectory(folder.File("fast"));
        var durable = await DurableAsync(folder, place);
        Assert.Equal(Enumerable.Range(1, 20).Select(index => 3L * index).Except(durable), fast.Checkpoints.Select(RunDirectory.Episode).Except(durable));
        Assert.DoesNotContain(60, durable);

        relay.Mend();
        Assert.Contains("In the fast tier alone until training goes on: final_small_ep_60_", (await Srl.RunAsync(folder.Path, place.Environment, "list", "run.json")).Succeeded().Output, StringComparison.Ordinal);
        Assert.Contains("is finished: 60 of 60 episodes.", (await Srl.RunAsync(folder.Path, place.Environment, train)).Succeeded().Output, StringComparison.Ordinal);
        Assert.Equal(Enumerable.Range(1, 20).Select(index => 3L * index), (await DurableAsync(folder, place)).Order());
        Assert.Equal([57, 60], fast.Checkpoints.Select(RunDirectory.Episode));
        Assert.Contains("20 verified, all whole.", (await Srl.RunAsync(folder.Path, place.Environment, "verify", "--all", "--config", "run.json")).Succeeded().Output, StringComparison.Ordinal);
    }

    private static async Task<List<long>> DurableAsync(TemporaryFolder folder, StoragePlace place) =>
        [.. JsonNode.Parse((await Srl.RunAsync(folder.Path, place.Environment, "list", "durable.json", "--json")).Succeeded().Output)!.AsArray().Select(entry => (long)entry!["episode"]!)];

    private static string Tiered(StoragePlace place, string durable) => (place with
    {
        Section = $$"""{ "Use": "tiered", "Fast": { "Use": "local", "Directory": "fast" }, "Durable": {{durable}} }""",
    }).Configuration;
}
