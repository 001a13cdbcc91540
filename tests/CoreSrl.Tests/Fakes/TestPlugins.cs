using System.Text.Json.Nodes;
using CoreSrl.Abstractions;

namespace CoreSrl.Tests.Fakes;

public sealed record TestPolicyOptions
{
    public long Every { get; init; } = 3;

    public bool Fail { get; init; }
}

/// <summary>Saves every so many episodes under a tag and keeps whatever has it.</summary>
[Plugin("test-policy")]
public sealed class TestPolicy(TestPolicyOptions options) : ICheckpointPolicy
{
    public SaveDecision Decide(TrainingProgress progress, IReadOnlyList<SavedCheckpoint> saved)
    {
        ArgumentNullException.ThrowIfNull(progress);
        if (options.Fail)
            throw new InvalidOperationException("this policy always fails");
        return progress.Episode % options.Every == 0 ? SaveDecision.Save("the test wants it", "kept") : SaveDecision.Skip;
    }

    public IEnumerable<string> Keep(IReadOnlyList<SavedCheckpoint> saved) => options.Fail
        ? throw new InvalidOperationException("this policy always fails")
        : saved.Where(s => s.Tags.Contains("kept")).Select(s => s.Id);
}

public sealed record TestContributorOptions
{
    /// <summary>What it offers under its name; <c>throw</c> throws.</summary>
    public string Offer { get; init; } = "number";
}

[Plugin("test-metadata")]
public sealed class TestContributor(TestContributorOptions options) : IMetadataContributor
{
    public IReadOnlyDictionary<string, JsonNode?> Contribute(EpisodeSummary episode)
    {
        ArgumentNullException.ThrowIfNull(episode);
        return new Dictionary<string, JsonNode?>
        {
            [options.Offer == "taken" ? "avg_reward" : "test_value"] = options.Offer switch
            {
                "throw" => throw new InvalidOperationException("this contributor always fails"),
                "number" => episode.Progress.Episode * 0.5,
                "integer" => (int)episode.Progress.Episode,
                "nan" => double.NaN,
                "object" => new JsonObject { ["models"] = episode.Models.Count },
                _ => options.Offer,
            },
        };
    }
}

public sealed record TestTagsOptions
{
    public long Episode { get; init; }
}

/// <summary>Calls one episode's checkpoint the best.</summary>
[Plugin("test-tags")]
public sealed class TestTags(TestTagsOptions options) : ICheckpointPolicy
{
    public SaveDecision Decide(TrainingProgress progress, IReadOnlyList<SavedCheckpoint> saved) =>
        progress.Episode == options.Episode ? SaveDecision.Save("the best so far", "best", "best:avg_reward") : SaveDecision.Skip;

    public IEnumerable<string> Keep(IReadOnlyList<SavedCheckpoint> saved) => [];
}
