using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using CoreSrl.Checkpoints.Loading;
using CoreSrl.Checkpoints.Storing;

namespace CoreSrl.Training;

/// <summary>An option that a run went on with another value of.</summary>
/// <param name="Episode">The episodes completed when it changed.</param>
/// <param name="Option">Its path in the configuration: <c>Training:LearningRate</c>.</param>
/// <param name="From">The value before; null also where there was none.</param>
/// <param name="To">The value since; null also where there is none.</param>
internal sealed record ConfigChange(long Episode, string Option, JsonNode? From, JsonNode? To)
{
    /// <summary>Where the checkpoints lie and how one start begins say nothing about the run.</summary>
    private static readonly string[] NotOfTheRun = ["Checkpoints:Directory", "Checkpoints:Resume", "Checkpoints:Storage"];

    /// <summary>The changes from one effective configuration to another; pure.</summary>
    public static ImmutableArray<ConfigChange> Find(long episode, JsonObject before, JsonObject now)
    {
        var changes = ImmutableArray.CreateBuilder<ConfigChange>();
        Compare("", before, now);
        return changes.ToImmutable();

        void Compare(string path, JsonNode? from, JsonNode? to)
        {
            if (JsonNode.DeepEquals(from, to) || NotOfTheRun.Contains(path))
                return;
            if (from is JsonObject fields && to is JsonObject others && JsonNode.DeepEquals(fields["use"], others["use"]))
            {
                // An option that one of them does not know came or went with a version of the program: nobody changed it.
                foreach (var (key, value) in fields.Where(field => others.ContainsKey(field.Key)))
                    Compare($"{path}{(path.Length == 0 ? "" : ":")}{OptionName(key)}", value, others[key]);
            }
            else if (from is JsonArray list && to is JsonArray other)
            {
                for (var index = 0; index < Math.Max(list.Count, other.Count); index++)
                    Compare($"{path}:{index}", index < list.Count ? list[index] : null, index < other.Count ? other[index] : null);
            }
            else
            {
                changes.Add(new(episode, path, from?.DeepClone(), to?.DeepClone()));
            }
        }
    }

    /// <summary>The changes that a checkpoint records; none where it is of a time before they were.</summary>
    /// <exception cref="JsonException">They are no such list.</exception>
    public static ImmutableArray<ConfigChange> Read(JsonNode? recorded) =>
        recorded is null ? [] : recorded.Deserialize<ImmutableArray<ConfigChange>>(CheckpointJson.Options);

    /// <summary>The change for people.</summary>
    public override string ToString() => $"{Option} {Show(From)} → {Show(To)}";

    /// <summary>A plugin is called by its name; its options are recorded, but too many for a line.</summary>
    private static string Show(JsonNode? value) => value switch
    {
        null => "none",
        JsonObject plugin when plugin["use"] is { } name => name.ToString(),
        _ => StateDifference.Show(value).Trim('"'),
    };

    private static string OptionName(string key) =>
        string.Concat(key.Split('_').Select(word => word.Length == 0 ? word : char.ToUpperInvariant(word[0]) + word[1..]));
}
