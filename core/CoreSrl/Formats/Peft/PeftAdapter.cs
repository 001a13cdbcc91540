using System.Collections.Immutable;
using CoreSrl.Abstractions;

namespace CoreSrl.Formats.Peft;

/// <summary>An adapter folder whose config and table of tensors have been read and checked; elements are read when asked for.</summary>
public sealed class PeftAdapter
{
    internal PeftAdapter(PeftConfig config, TensorFile file, ImmutableArray<LoraPair> pairs, ImmutableArray<StoredTensor> saved)
    {
        Config = config;
        File = file;
        Pairs = pairs;
        SavedTensors = saved;
    }

    /// <summary>What <c>adapter_config.json</c> says.</summary>
    public PeftConfig Config { get; }

    /// <summary>The tensors, under the names that PEFT gives them.</summary>
    public TensorFile File { get; }

    /// <summary>The LoRA matrices by the module they change, in the order of the file; at least one pair.</summary>
    public ImmutableArray<LoraPair> Pairs { get; }

    /// <summary>The weights of the config's modules to save, which replace the base model's.</summary>
    public ImmutableArray<StoredTensor> SavedTensors { get; }

    /// <summary>Makes sure that the adapter has exactly the tensors that a model wants.</summary>
    /// <param name="expected">The model's adapter tensors under PEFT's names; element types may differ from the file's.</param>
    /// <exception cref="CheckpointFormatException">Keys are missing or unexpected, or shapes differ: all are named.</exception>
    public void RequireMatch(IEnumerable<TensorInfo> expected)
    {
        ArgumentNullException.ThrowIfNull(expected);
        var missing = new List<string>();
        var reshaped = new List<string>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var info in expected)
        {
            names.Add(info.Name);
            if (File.Find(info.Name) is not { } found)
                missing.Add(info.Name);
            else if (!found.Info.Shape.AsSpan().SequenceEqual(info.Shape.AsSpan()))
                reshaped.Add($"{info.Name} is [{string.Join(", ", found.Info.Shape)}], the model's is [{string.Join(", ", info.Shape)}]");
        }

        var unexpected = File.Tensors.Select(tensor => tensor.Info.Name).Where(name => !names.Contains(name)).ToArray();
        var difference = string.Join("; ", reshaped.Prepend(PeftTable.Difference(missing, unexpected)).Where(part => part.Length > 0));
        if (difference.Length > 0)
        {
            throw new CheckpointFormatException(
                File.Source.Name,
                $"the adapter does not fit the model: {difference}",
                "Give the model the adapter's base model, rank and target modules");
        }
    }
}
