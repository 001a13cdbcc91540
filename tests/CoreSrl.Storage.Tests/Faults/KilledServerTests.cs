using CoreSrl.Checkpoints;
using CoreSrl.Storage.Tests.Servers;
using CoreSrl.Tests.Fakes;

namespace CoreSrl.Storage.Tests.Faults;

/// <summary>The server's processes are killed in the middle of saves (Azurite's before them), and started again: the saves come to their end.</summary>
public sealed class KilledServerTests
{
    private const int Floats = 5 << 20; // 20 MiB, which go up in parts.

    [S3Fact]
    public Task On_S3_a_killed_server_costs_nothing() => SurviveKillsAsync(isAzure: false, "*");

    [AzureFact]
    public Task On_Azure_a_killed_server_costs_nothing() => SurviveKillsAsync(isAzure: true, "azurite");

    private static async Task SurviveKillsAsync(bool isAzure, params string[] kills)
    {
        await using var server = await DurableServer.StartAsync(isAzure ? "azure" : "s3");
        var store = Store.On(isAzure, server.Address);
        var (folder, loop, random) = (Store.NewFolder(), new Loop(Floats), new Random(11));
        var storage = store.Open(store.Server, folder, TimeSpan.FromSeconds(5));
        var durable = new List<string>();
        var options = new CheckpointManagerOptions { RunName = "loop", MaxCheckpoints = -1, RetryFor = TimeSpan.FromMinutes(5) };
        await using (var manager = await CheckpointManager.OpenAsync(new AnothersStorage(storage, AnothersStorage.Dead), options))
        {
            loop.Reach(1);
            durable.Add((await (await manager.SaveAsync(1, null, loop.State))).Id);
            for (var step = 2; step <= 1 + kills.Length; step++)
            {
                await manager.FlushAsync();
                await server.UntilStoredAsync();
                loop.Reach(step);
                // Azurite forgets what it has acknowledged within the last seconds, so no write may be under way when it is killed.
                if (isAzure)
                    await server.KillAsync(kills[step - 2]);
                var save = await manager.SaveAsync(step, null, loop.State);
                await Task.Delay(random.Next(300));
                if (!isAzure)
                    await server.KillAsync(kills[step - 2]);
                await server.RestartAsync();
                durable.Add((await save).Id);
            }
        }

        (storage as IDisposable)?.Dispose();
        await Aftermath.AssertNothingLostAsync(store, folder, durable, Floats, $"kills of {string.Join(' ', kills)}");
    }
}
