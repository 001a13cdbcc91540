using System.Text.Json.Nodes;

namespace CoreSrl.EndToEnd.Tests.Guide;

/// <summary>"Save Frequency": what each policy of one run asked for stands in the checkpoints' reasons.</summary>
public sealed class SaveFrequencyTests(SaveFrequencyTests.Run run) : IClassFixture<SaveFrequencyTests.Run>
{
    [Fact]
    public void Every_so_many_episodes() => Assert.Equal("5 10", Asked("every 5 episodes"));

    [Fact]
    public void Every_so_many_environment_steps() => Assert.Equal("4 8", Asked("every 16 environment steps"));

    [Fact]
    public void At_the_episodes_named()
    {
        Assert.Equal("3", Asked("episode 3 was asked for"));
        Assert.Equal("7", Asked("episode 7 was asked for"));
    }

    [Fact]
    public void Every_so_many_seconds_of_training()
    {
        Assert.Equal("1 2 3 4 5 6 7 8 9 10 11", Asked("every 1E-06 s of training"));
        Assert.Equal("", Asked("every 36000 s of training"));
    }

    [Fact]
    public void As_often_as_a_budget_allows()
    {
        Assert.Equal(1, (int)run.Checkpoints[0]["episode"]!);
        Assert.Contains("within 20 % of the training time", (string)run.Checkpoints[0]["reason"]!, StringComparison.Ordinal);
        var within = run.Checkpoints.Where(checkpoint => ((string)checkpoint["reason"]!).Contains("within 20 %", StringComparison.Ordinal));
        Assert.All(within, checkpoint => Assert.True((double)checkpoint["held_up_seconds"]! <= 0.2 * (double)checkpoint["elapsed_seconds"]!));
        Assert.True((double)run.Checkpoints[^1]["held_up_seconds"]! > 0);
    }

    [Fact]
    public void When_all_of_several_want_to() => Assert.Equal("6", Asked("every 2 episodes and every 3 episodes"));

    [Fact]
    public void When_any_of_several_wants_to() => Assert.Equal("6 9", Asked("every 9 episodes", "every 2 episodes and every 3 episodes"));

    [Fact]
    public async Task Without_an_interval_only_as_the_policies_say_and_at_the_end()
    {
        using var other = new GuideRun(6, """ "SaveInterval": 0, "Policies": [ { "Use": "at-episodes", "Episodes": [ 2, 5 ] } ] """);
        await other.TrainAsync();
        Assert.Equal("2 5 6", other.Episodes);
    }

    /// <summary>The episodes at which one of the reasons was given.</summary>
    private string Asked(params string[] reasons) => string.Join(' ', run.Checkpoints
        .Where(checkpoint => reasons.Any(reason => ((string)checkpoint["reason"]!).Split(", ").Contains(reason)))
        .Select(checkpoint => (long)checkpoint["episode"]!));

    public sealed class Run : IAsyncLifetime
    {
        private readonly GuideRun _run = new(12, """
            "SaveInterval": 5, "MaxCheckpoints": -1,
            "Policies": [
              { "Use": "interval", "EnvironmentSteps": 16 },
              { "Use": "at-episodes", "Episodes": [ 3, 7 ] },
              { "Use": "every-seconds", "Seconds": 0.000001 },
              { "Use": "every-seconds", "Seconds": 36000 },
              { "Use": "overhead-budget", "Percent": 20 },
              { "Use": "any-of", "Policies": [
                { "Use": "all-of", "Policies": [ { "Use": "interval", "Episodes": 2 }, { "Use": "interval", "Episodes": 3 } ] },
                { "Use": "interval", "Episodes": 9 }
              ] }
            ]
            """);

        public IReadOnlyList<JsonObject> Checkpoints { get; private set; } = [];

        public async Task InitializeAsync()
        {
            await _run.TrainAsync();
            Checkpoints = _run.Checkpoints;
        }

        public Task DisposeAsync()
        {
            _run.Dispose();
            return Task.CompletedTask;
        }
    }
}
