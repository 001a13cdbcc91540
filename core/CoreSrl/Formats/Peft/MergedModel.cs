namespace CoreSrl.Formats.Peft;

/// <summary>A base model's weights with an adapter merged into them, under the base's names, so that one needs no adapter any more.</summary>
internal static class MergedModel
{
    /// <summary>The weights in the base's order.</summary>
    /// <param name="weights">The base's.</param>
    /// <param name="config">What the adapter is.</param>
    /// <param name="adapter">Its tensors under PEFT's names.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <exception cref="CheckpointFormatException">The adapter is none of this base.</exception>
    public static async Task<IReadOnlyList<TensorSource>> MergeAsync(
        IReadOnlyList<TensorSource> weights, PeftConfig config, TensorFile adapter, CancellationToken cancellationToken)
    {
        var (pairs, saved) = PeftTable.Sort(adapter.Source.Name, config, new PeftModules(adapter.Source.Name, config), adapter.Tensors);
        var rest = pairs.ToDictionary(pair => $"{pair.Module}.weight", StringComparer.Ordinal);
        var whole = saved.ToDictionary(tensor => tensor.Info.Name[PeftTable.Prefix.Length..], StringComparer.Ordinal);
        var merged = new List<TensorSource>();
        foreach (var weight in weights)
        {
            if (rest.Remove(weight.Name, out var pair))
                merged.Add(await MergedWeight.CreateAsync(weight, pair, adapter, cancellationToken).ConfigureAwait(false));
            else if (whole.Remove(weight.Name, out var tensor)) // In its own type, which may be wider than the base's.
                merged.Add(new(new(weight.Name, tensor.Info.Type, tensor.Info.Shape), (offset, destination, token) => adapter.ReadAsync(tensor, offset, destination, token)));
            else
                merged.Add(weight);
        }

        return rest.Count + whole.Count == 0
            ? merged
            : throw new CheckpointFormatException(
                adapter.Source.Name, $"the base has no {string.Join(", ", rest.Keys.Concat(whole.Keys))}", "Export the adapter as peft instead");
    }
}
