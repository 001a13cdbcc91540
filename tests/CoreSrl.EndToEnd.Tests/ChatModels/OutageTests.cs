using CoreSrl.ChatServers;
using CoreSrl.EndToEnd.Tests.Processes;
using CoreSrl.EndToEnd.Tests.Training;

namespace CoreSrl.EndToEnd.Tests.ChatModels;

/// <summary>Servers that are down and budgets that run out: nothing is lost, and it is said.</summary>
public sealed class OutageTests
{
    [Fact]
    public async Task A_server_that_goes_down_stops_the_run_behind_a_save_and_the_run_goes_on_to_the_same_bits()
    {
        var isDown = false;
        var downAt = int.MaxValue;
        await using var server = await ChatServer.StartAsync(asked => (isDown |= asked.Number >= downAt) ? new("") { Status = 503 } : Answers.FromContext(asked));
        using var undisturbed = new ChatRun().Configure(server);
        (await undisturbed.TrainAsync()).Succeeded();

        using var run = new ChatRun().Configure(server);
        downAt = server.Requests.Count + 75; // In the fifth episode.
        var stopped = await run.TrainAsync();
        (isDown, downAt) = (false, int.MaxValue);

        Assert.Equal(1, stopped.ExitCode);
        Assert.Matches(@"Training failed after episode 4: model 'model_[12]_(openai|claude)': 127\.0\.0\.1:\d+ cannot answer now \(503 ServiceUnavailable: It went wrong\)\. The last good episode is saved as 'guide_ep_4_", stopped.Error);
        (await run.TrainAsync()).Succeeded();
        var (one, other) = (undisturbed.Directory.Checkpoints[^1], run.Directory.Checkpoints[^1]);
        RunDirectory.AssertSameTensors(one, other);
        foreach (var file in new[] { "model_weights/model_1_openai.json", "model_weights/model_2_claude.json" })
            Assert.Equal(File.ReadAllText(Path.Combine(one, file)), File.ReadAllText(Path.Combine(other, file)));
    }

    [Fact]
    public async Task Without_its_server_a_model_sits_out_says_so_and_counts_it()
    {
        using var run = new ChatRun();
        await using (var server = await ChatServer.StartAsync(Answers.AtRandom))
            run.Configure(server, "\"WhenUnavailable\": \"sit-out\", \"Retries\": 1, \"RetryDelay\": \"00:00:00.01\"");

        var result = (await run.TrainAsync()).Succeeded();

        var final = run.Directory.Checkpoints[^1];
        foreach (var model in new[] { "model_1_openai", "model_2_claude" })
        {
            Assert.Contains($"Model '{model}' sits out until its next update: no connection to 127.0.0.1:", result.Output + result.Error, StringComparison.Ordinal);
            Assert.Equal((96, 96, 0), (ChatRun.Usage(final, model, "turns"), ChatRun.Usage(final, model, "sat_out_turns"), ChatRun.Usage(final, model, "requests")));
        }
    }

    [Fact]
    public async Task A_budget_that_runs_out_stops_the_run_and_a_higher_one_goes_on()
    {
        await using var server = await ChatServer.StartAsync(Answers.AtRandom);
        using var run = new ChatRun().Configure(server);

        var stopped = await run.TrainAsync("--set", "Models:1:MaxRequests=20");

        Assert.Equal(1, stopped.ExitCode);
        Assert.Contains("Training failed after episode 2: model 'model_1_openai': all 20 requests of the run (MaxRequests) are used; raise the limit, or set WhenUnavailable to sit-out. The last good episode is saved as 'guide_ep_2_", stopped.Error, StringComparison.Ordinal);
        Assert.Equal(20, server.Requests.Count(asked => asked.Protocol == "openai"));
        var paid = server.Requests.Count;
        (await run.TrainAsync("--set", "Models:1:MaxRequests=1000")).Succeeded();
        Assert.Equal(96, ChatRun.Usage(run.Directory.Checkpoints[^1], "model_1_openai", "requests"));
        Assert.Equal(2 * 96, server.Requests.Count);
        Assert.InRange(paid, 36, 48);
    }

    [Fact]
    public async Task A_budget_that_runs_out_is_counted_over_deaths_and_the_model_sits_out()
    {
        Srl? process = null;
        var killAt = int.MaxValue;
        await using var server = await ChatServer.StartAsync(asked =>
        {
            if (asked.Number == killAt)
                process!.Kill();
            return Answers.FromContext(asked);
        });
        string[] limits = ["--set", "Models:1:MaxRequests=30", "--set", "Models:1:WhenUnavailable=sit-out", "--set", "Models:2:MoneyBudget=0.01", "--set", "Models:2:WhenUnavailable=sit-out", "--set", "Models:2:InputPrice=1", "--set", "Models:2:OutputPrice=5", "--set", "Models:2:MaxTokens=10"];
        using var undisturbed = new ChatRun().Configure(server);
        var result = (await undisturbed.TrainAsync(limits)).Succeeded();
        Assert.Contains("Model 'model_1_openai' sits out from here on: all 30 requests of the run (MaxRequests) are used.", result.Output + result.Error, StringComparison.Ordinal);
        var final = undisturbed.Directory.Checkpoints[^1];
        Assert.Equal((30, 66), (ChatRun.Usage(final, "model_1_openai", "requests"), ChatRun.Usage(final, "model_1_openai", "sat_out_turns")));
        Assert.InRange((decimal)RunDirectory.Json(final, "model_weights/model_2_claude.json")["state"]!["usage"]!["cost"]!, 0.009m, 0.01m);

        using var killed = new ChatRun().Configure(server);
        killAt = server.Requests.Count + 50; // Between two updates: the third episode is saved, and not yet learned from.
        using (var dying = process = killed.Start(limits))
            Assert.Equal(137, (await dying.WaitAsync()).ExitCode);
        killAt = int.MaxValue;
        (await killed.TrainAsync(limits)).Succeeded();

        RunDirectory.AssertSameRun(undisturbed.Directory, killed.Directory);
    }
}
