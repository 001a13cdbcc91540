namespace CoreSrl.Testing.Tests;

/// <summary>What the tests of all kits have in common.</summary>
internal static class Kit
{
    /// <summary>Fails unless exactly one rule is not kept, and told as it should be.</summary>
    /// <param name="rule">It.</param>
    /// <param name="kit">Checks the broken plugin.</param>
    /// <param name="where">What the message tells besides: the seed.</param>
    public static async Task BreaksJustAsync(string rule, Conformance kit, string where = "(seed 7)")
    {
        Dictionary<string, string> broken = [];
        foreach (var name in kit.AllRules.Select(known => known.Name))
        {
            try
            {
                await kit.CheckAsync(name);
            }
            catch (ConformanceException e)
            {
                broken.Add(name, e.Message);
            }
        }

        Assert.True(broken.Keys.SequenceEqual([rule]), $"'{rule}' alone was to be broken; broken were:\n{string.Join('\n', broken.Values)}");
        Assert.StartsWith($"{rule} (", broken[rule], StringComparison.Ordinal);
        Assert.Contains("): expected ", broken[rule], StringComparison.Ordinal);
        Assert.Contains(where, broken[rule], StringComparison.Ordinal);
    }

    /// <summary>The names of rules, for a theory.</summary>
    public static TheoryData<string> Names(IEnumerable<ConformanceRule> rules) => [.. rules.Select(rule => rule.Name)];
}
