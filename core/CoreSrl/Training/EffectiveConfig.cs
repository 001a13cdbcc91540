using System.Text.Json;
using System.Text.Json.Nodes;
using CoreSrl.Checkpoints.Storing;
using CoreSrl.Configuration;
using CoreSrl.Plugins;

namespace CoreSrl.Training;

/// <summary>The configuration as it took effect, every default filled in, for a checkpoint's <c>config</c>.</summary>
internal static class EffectiveConfig
{
    public static JsonObject ToJson(MultiModelConfig config, SelectedPlugins plugins)
    {
        var checkpoints = CheckpointJson.ToNode(config.Checkpoints)!.AsObject();
        checkpoints["storage"] = plugins.FastTier is { } fast
            ? new JsonObject { ["use"] = FastTierSelection.Use, ["keep"] = config.FastTier!.Options.Keep, ["fast"] = Describe(fast), ["durable"] = Describe(plugins.Storage) }
            : Describe(plugins.Storage);
        checkpoints["policies"] = new JsonArray([.. plugins.Policies.Select(Describe)]);
        checkpoints["metadata"] = new JsonArray([.. plugins.Metadata.Select(Describe)]);
        return new()
        {
            ["training"] = CheckpointJson.ToNode(config.Training),
            ["environment"] = Describe(plugins.Environment),
            ["models"] = new JsonArray([.. plugins.Backends.Select((backend, index) =>
            {
                var described = Describe(backend);
                described.Insert(0, "id", config.Models[index].Id);
                return (JsonNode)described;
            })]),
            ["checkpoints"] = checkpoints,
        };
    }

    private static JsonObject Describe<T>(PluginFactory<T> plugin)
        where T : class
    {
        var options = plugin.Options is null ? [] : JsonSerializer.SerializeToNode(plugin.Options, plugin.Options.GetType(), CheckpointJson.Options)!.AsObject();
        options.Insert(0, "use", plugin.Descriptor.Name);
        if (plugin.List is { } list)
            options[JsonNamingPolicy.SnakeCaseLower.ConvertName(list)] = new JsonArray([.. plugin.Members.Select(Describe)]);
        return options;
    }
}
