namespace CoreSrl.Testing;

/// <summary>
/// What a contract promises, as rules that any plugin of it can be held to, from any test framework: call
/// <see cref="CheckAllAsync"/>, or <see cref="CheckAsync"/> for each of <see cref="AllRules"/>.
/// </summary>
public abstract class Conformance
{
    private protected Conformance()
    {
    }

    /// <summary>All rules of the contract. Each kit also has them as a static property, for tests that are found by their rule's name.</summary>
    public abstract IReadOnlyList<ConformanceRule> AllRules { get; }

    /// <summary>Checks all rules, one after another.</summary>
    /// <exception cref="ConformanceException">Some are not kept: all of those.</exception>
    public async Task CheckAllAsync(CancellationToken cancellationToken = default)
    {
        List<string> broken = [];
        foreach (var rule in AllRules)
        {
            try
            {
                await CheckAsync(rule.Name, cancellationToken).ConfigureAwait(false);
            }
            catch (ConformanceException e)
            {
                broken.Add(e.Message);
            }
        }

        if (broken.Count > 0)
            throw new ConformanceException($"{broken.Count} of {AllRules.Count} rules are not kept:\n" + string.Join('\n', broken));
    }

    /// <summary>Checks one rule.</summary>
    /// <param name="rule">Its name.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ConformanceException">It is not kept.</exception>
    public async Task CheckAsync(string rule, CancellationToken cancellationToken = default)
    {
        var found = AllRules.FirstOrDefault(known => known.Name == rule)
            ?? throw new ArgumentException($"There is no rule '{rule}'; there are {string.Join(", ", AllRules.Select(known => known.Name))}.", nameof(rule));
        var trial = Begin(found);
        await using (trial.ConfigureAwait(false))
            await trial.RunAsync(cancellationToken).ConfigureAwait(false);
    }

    private protected abstract Trial Begin(ConformanceRule rule);
}
