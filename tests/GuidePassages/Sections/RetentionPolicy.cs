using System.Text.Json.Nodes;

namespace GuidePassages.Sections;

internal static class RetentionPolicy
{
    public static async Task RunAsync()
    {
        #region
        var options = new CheckpointManagerOptions
        {
            SaveInterval = 0,
            MaxCheckpoints = 1,
            Policies =
            [
                new AnyOfPolicy([new AtEpisodesPolicy(new() { Episodes = [1, 5] }), new EverySecondsPolicy(new() { Seconds = 600 })]),
                new KeepBestPolicy(new() { Metric = "loss", Mode = MetricMode.Min, Count = 2 }),
            ],
        };
        #endregion

        // A loop of one number, whose loss is smallest after steps 3 and 2.
        var loop = new OneNumber();
        await using var checkpoints = await CheckpointManager.OpenAsync(CoreSrl.Plugins.LocalStorage.LocalStorage.In("checkpoints"), options);
        foreach (var (index, loss) in new[] { 0.9, 0.2, 0.1, 0.7, 0.8 }.Index())
        {
            await checkpoints.SaveIfDueAsync(index + 1, new Dictionary<string, double> { ["loss"] = loss }, loop);
            if (index is 1 or 2)
                await checkpoints.SaveAsync(index + 1, new Dictionary<string, double> { ["loss"] = loss }, loop);
        }

        await checkpoints.FlushAsync();
        Check.That(checkpoints.Checkpoints.Select(saved => saved.Episode).SequenceEqual([5L, 3, 2]));
    }

    private sealed class OneNumber : IStateful
    {
        public ModelDescription Description { get; } = new() { Kind = "number", Architecture = [] };

        public IReadOnlyList<StateTensor> Tensors => [];

        public JsonObject CaptureState() => [];

        public void RestoreState(JsonObject state)
        {
        }
    }
}
