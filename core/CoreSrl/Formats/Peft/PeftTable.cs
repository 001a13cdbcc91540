using System.Collections.Immutable;
using CoreSrl.Abstractions;

namespace CoreSrl.Formats.Peft;

/// <summary>
/// An adapter's tensors by what they are for. Names: "Checkpoint format" in PEFT's developer guides; a LoRA matrix is called
/// <c>base_model.model.MODULE.lora_A.weight</c>, a weight of a module to save <c>base_model.model.MODULE.NAME</c>.
/// </summary>
internal sealed class PeftTable
{
    public const string Prefix = "base_model.model.";

    private const string EndOfA = ".lora_A.weight";
    private const string EndOfB = ".lora_B.weight";

    private const string Remedy = "Check that the tensors and the config are of one adapter, saved by PEFT's save_pretrained";

    private readonly string _file;
    private readonly PeftConfig _config;
    private readonly PeftModules _modules;
    private readonly Dictionary<string, StoredTensor> _byName;
    private readonly List<string> _missing = [];
    private readonly List<string> _unexpected = [];
    private readonly List<StoredTensor> _saved = [];
    private readonly List<LoraPair> _pairs = [];

    private PeftTable(string file, PeftConfig config, PeftModules modules, IReadOnlyList<StoredTensor> tensors)
    {
        _file = file;
        _config = config;
        _modules = modules;
        _byName = tensors.ToDictionary(tensor => tensor.Info.Name, StringComparer.Ordinal);
        foreach (var tensor in tensors)
            Sort(tensor);
    }

    /// <summary>Sorts the tensors and checks them against the config.</summary>
    /// <param name="file">The tensors' file, for messages.</param>
    /// <param name="config">What the adapter is.</param>
    /// <param name="modules">What <paramref name="config"/> says of each module.</param>
    /// <param name="tensors">The tensors; their names differ.</param>
    /// <exception cref="CheckpointFormatException">A tensor is missing or unexpected (all are named), or a matrix has another shape
    /// or element type than it should.</exception>
    public static (ImmutableArray<LoraPair> Pairs, ImmutableArray<StoredTensor> Saved) Sort(
        string file, PeftConfig config, PeftModules modules, IReadOnlyList<StoredTensor> tensors)
    {
        var table = new PeftTable(file, config, modules, tensors);
        table.CheckKeys();
        foreach (var pair in table._pairs)
            table.CheckShapes(pair);
        return ([.. table._pairs], [.. table._saved]);
    }

    /// <summary>What a list of missing and a list of unexpected keys say together; empty when both are.</summary>
    public static string Difference(IReadOnlyCollection<string> missing, IReadOnlyCollection<string> unexpected)
    {
        var parts = new List<string>();
        if (missing.Count > 0)
            parts.Add($"missing keys: {string.Join(", ", missing)}");
        if (unexpected.Count > 0)
            parts.Add($"unexpected keys: {string.Join(", ", unexpected)}");
        return string.Join("; ", parts);
    }

    private void Sort(StoredTensor tensor)
    {
        var name = tensor.Info.Name;
        if (ModuleOf(name, EndOfA) is { } module)
        {
            if (!_modules.IsTarget(module))
                _unexpected.Add(name);
            else if (_byName.TryGetValue(Prefix + module + EndOfB, out var b))
                _pairs.Add(PairOf(module, tensor, b));
            else
                _missing.Add(Prefix + module + EndOfB);
        }
        else if (ModuleOf(name, EndOfB) is { } moduleOfB)
        {
            if (!_modules.IsTarget(moduleOfB))
                _unexpected.Add(name);
            else if (!_byName.ContainsKey(Prefix + moduleOfB + EndOfA))
                _missing.Add(Prefix + moduleOfB + EndOfA);
        }
        else if (IsSaved(name))
        {
            _saved.Add(tensor);
        }
        else
        {
            _unexpected.Add(name);
        }
    }

    private LoraPair PairOf(string module, StoredTensor a, StoredTensor b)
    {
        var (_, rank, alpha, scale) = _modules.ModuleOf(module);
        return new LoraPair { Module = module, A = a, B = b, Rank = rank, Alpha = alpha, Scale = scale };
    }

    private static string? ModuleOf(string name, string end) =>
        name.StartsWith(Prefix, StringComparison.Ordinal) && name.EndsWith(end, StringComparison.Ordinal)
        && name.Length > Prefix.Length + end.Length
            ? name[Prefix.Length..^end.Length]
            : null;

    // PEFT asks only that a module's path ends in the text, wherever that begins (_set_trainable in peft/utils/other.py).
    private bool IsSaved(string name) =>
        name.StartsWith(Prefix, StringComparison.Ordinal) && !name.Contains(".lora_", StringComparison.Ordinal)
        && _modules.IsSaved(name[Prefix.Length..]);

    private void CheckKeys()
    {
        // Not one for each of the modules to save: PEFT lists both names that a classifier's head may have.
        if (_config.ModulesToSave is [_, ..] expected && _saved.Count == 0)
            _missing.Add($"{Prefix}…{string.Join(" or ", expected)}.weight");
        if (Difference(_missing, _unexpected) is { Length: > 0 } difference)
            throw Refuse(difference);
        if (_pairs.Count == 0)
            throw Refuse("it holds no LoRA matrices");
    }

    private void CheckShapes(LoraPair pair)
    {
        if (pair.A.Info.Shape is not [var rowsOfA, _] || rowsOfA != pair.Rank)
            throw Refuse($"'{pair.A.Info}' should be [{pair.Rank}, inputs], for the config says rank {pair.Rank}");
        if (pair.B.Info.Shape is not [_, var columnsOfB] || columnsOfB != pair.Rank)
            throw Refuse($"'{pair.B.Info}' should be [outputs, {pair.Rank}], for the config says rank {pair.Rank}");
        foreach (var matrix in (StoredTensor[])[pair.A, pair.B])
        {
            if (matrix.Info.Type is not (TensorType.Float16 or TensorType.BFloat16 or TensorType.Float32 or TensorType.Float64))
                throw Refuse($"'{matrix.Info}' is a matrix of whole numbers");
        }
    }

    private CheckpointFormatException Refuse(string problem) => new(_file, problem, Remedy);
}
