using Microsoft.Extensions.Configuration;

namespace CoreSrl.Configuration;

/// <summary>The fast tier of a storage in two: <c>{ "Use": "tiered", "Fast": { "Use": … }, "Durable": { "Use": … }, "Keep": 2 }</c>.</summary>
/// <param name="Storage">The storage of the fast tier.</param>
/// <param name="Options">The plain options.</param>
public sealed record FastTierSelection(PluginSelection Storage, FastTierOptions Options)
{
    /// <summary>The word that selects two tiers.</summary>
    internal const string Use = "tiered";

    /// <summary>Where it can be selected.</summary>
    internal const string Section = "Checkpoints:Storage";

    /// <summary>The section of the storage where checkpoints are to stay.</summary>
    internal const string Durable = "Durable";

    private const string Fast = "Fast";

    /// <summary>Reads the fast tier of a section that selects a storage; null when it selects a single one.</summary>
    internal static FastTierSelection? Read(OptionsBinder binder, IConfigurationSection section)
    {
        if (!IsTiered(section))
            return null;
        var options = binder.Bind<FastTierOptions>(section, nameof(Use), Fast, Durable);
        foreach (var tier in (IEnumerable<IConfigurationSection>)[section.GetSection(Fast), section.GetSection(Durable)])
        {
            if (IsTiered(tier))
                binder.Add($"{tier.Path}:Use", "a tier cannot have tiers itself; name a storage");
        }

        return new(PluginSelection.Read(binder, section.GetSection(Fast)), options);
    }

    private static bool IsTiered(IConfigurationSection section) => string.Equals(section[nameof(Use)], Use, StringComparison.OrdinalIgnoreCase);
}
