using System.Text.Json.Nodes;
using CoreSrl.Checkpoints.Loading;
using CoreSrl.Configuration;

namespace CoreSrl.Training;

/// <summary>Whether a checkpoint fits the configuration that is to go on from it; pure.</summary>
/// <param name="checkpointId">The checkpoint.</param>
/// <param name="location">Where it lies.</param>
/// <param name="config">The configuration.</param>
internal sealed class ResumeCheck(string checkpointId, string location, MultiModelConfig config)
{
    /// <summary>Compares what a checkpoint's models are with what the configuration makes; each difference is named with both values.</summary>
    /// <exception cref="ConfigurationException">They differ.</exception>
    public void Models(IReadOnlyList<string> storedIds, IReadOnlyList<JsonObject> descriptions, IReadOnlyList<ModelSlot> models)
    {
        if (!storedIds.SequenceEqual(models.Select(slot => slot.Id)))
            throw new ConfigurationException($"Models: checkpoint '{checkpointId}' has the models {string.Join(", ", storedIds)}; the configuration has {string.Join(", ", models.Select(slot => slot.Id))}. Use the same models in the same order, or another {config.PlaceSetting}.");
        Tell(models.SelectMany(slot => Problems(descriptions[slot.Index], slot)));
    }

    /// <summary>The same for one model, wherever it stands in the configuration.</summary>
    /// <exception cref="ConfigurationException">It differs.</exception>
    public void Model(JsonObject description, ModelSlot slot) => Tell(Problems(description, slot));

    /// <summary>Compares which plugins the models and the environment come from: another one's state cannot be taken over, and its
    /// rewards are those of another game.</summary>
    /// <exception cref="ConfigurationException">They differ.</exception>
    public void Plugins(JsonObject before, JsonObject now)
    {
        var places = (now["models"] as JsonArray ?? []).Select((model, index) => ($"Models:{index}:Use", (string?)(before["models"] as JsonArray)?.ElementAtOrDefault(index)?["use"], (string?)model?["use"]));
        var problems = places.Append(("Environment:Use", (string?)before["environment"]?["use"], (string?)now["environment"]?["use"]))
            .Where(place => place.Item2 is not null && place.Item2 != place.Item3)
            .Select(place => $"{place.Item1} is '{place.Item3}', but the run uses '{place.Item2}' (checkpoint '{checkpointId}'). Set it back, or use another {config.PlaceSetting}.").ToList();
        if (problems.Count > 0)
            throw new ConfigurationException(problems);
    }

    private IEnumerable<string> Problems(JsonObject description, ModelSlot slot) =>
        StateDifference.Of(description["architecture"]?.AsObject() ?? [], slot.Model.Description.Architecture).Select(difference =>
            $"Models:{slot.Index}:{difference.Key}: {StateDifference.Show(difference.Live)} does not fit checkpoint '{checkpointId}', where model '{slot.Id}' has {StateDifference.Show(difference.Stored)}. Set it back, or use another {config.PlaceSetting}.");

    private static void Tell(IEnumerable<string> problems)
    {
        if (problems.ToList() is { Count: > 0 } all)
            throw new ConfigurationException(all);
    }

    /// <summary>Compares the run's name, seed and thread count.</summary>
    /// <exception cref="ConfigurationException">They differ.</exception>
    public void Run(string? storedName, ulong? storedSeed, int storedThreads)
    {
        if (storedName != config.Training.RunName)
            throw new ConfigurationException($"Training:RunName is '{config.Training.RunName}', but {location} holds the run '{storedName}' (checkpoint '{checkpointId}'). Use that name to go on with it, or another {config.PlaceSetting}.");
        if (storedSeed is { } seed && seed != config.Training.Seed)
            throw new ConfigurationException($"Training:Seed is {config.Training.Seed}, but the run began with {seed}, and everything random in it follows from that (checkpoint '{checkpointId}'). Set it back, or use another {config.PlaceSetting}.");
        if (storedThreads != config.Training.Threads)
            throw new ConfigurationException($"Training:Threads is {config.Training.Threads}, but the run began with {storedThreads}, and its sums depend on it (checkpoint '{checkpointId}'). Set Training:Threads to {storedThreads}.");
    }
}
