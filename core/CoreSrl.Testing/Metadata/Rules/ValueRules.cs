using System.Text.Json.Nodes;

namespace CoreSrl.Testing;

/// <summary>The values that a checkpoint gets.</summary>
internal static class ValueRules
{
    public static IEnumerable<Rule<MetadataTrial>> All { get; } =
    [
        new("values-are-json", "Every value is the same when it is read back from a file of JSON.", AreJson),
    ];

    private static void AreJson(MetadataTrial trial)
    {
        var contributor = trial.Create();
        foreach (var episode in trial.Episodes())
        {
            foreach (var (name, value) in contributor.Contribute(episode))
            {
                var read = value is null ? null : JsonNode.Parse(value.ToJsonString());
                trial.Expect(JsonNode.DeepEquals(value, read), $"'{name}' to be the same when it is read back", $"it was {value?.ToJsonString()}, and then {read?.ToJsonString()}");
            }
        }
    }
}
