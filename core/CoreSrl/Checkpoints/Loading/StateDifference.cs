using System.Text.Json.Nodes;
using CoreSrl.Abstractions;
using CoreSrl.Checkpoints.Storing;

namespace CoreSrl.Checkpoints.Loading;

/// <summary>How what a checkpoint holds differs from what it is to be put into.</summary>
internal static class StateDifference
{
    /// <summary>Reads what the checkpoint's model is, and compares.</summary>
    /// <returns>Each difference as a clause; empty when it fits.</returns>
    /// <exception cref="DamagedCheckpointException">The description is not what was written.</exception>
    public static async Task<IReadOnlyList<string>> FindAsync(CheckpointReader reader, string id, IStateful state, CancellationToken cancellationToken)
    {
        if (!reader.Record.Files.ContainsKey(CheckpointLayout.ModelDescription(id)))
            return [$"it has no state '{id}'"];
        var stored = await reader.ReadJsonAsync(CheckpointLayout.ModelDescription(id), cancellationToken).ConfigureAwait(false);
        return [.. Of(stored["architecture"]?.AsObject() ?? [], state.Description.Architecture)
            .Select(difference => $"{difference.Key} is {Show(difference.Stored)} there and {Show(difference.Live)} here")];
    }

    /// <summary>The keys by which two architectures differ, with both values.</summary>
    public static IEnumerable<(string Key, JsonNode? Stored, JsonNode? Live)> Of(JsonObject stored, JsonObject live) =>
        from key in stored.Select(pair => pair.Key).Union(live.Select(pair => pair.Key))
        where !JsonNode.DeepEquals(stored[key], live[key])
        select (key, stored[key], live[key]);

    /// <summary>A value for a message.</summary>
    public static string Show(JsonNode? value) => value?.ToJsonString() ?? "no value";
}
