using CoreSrl.Abstractions;
using CoreSrl.Formats;
using static TorchSharp.torch;

namespace CoreSrl.Torch.HuggingFace;

/// <summary>A model's weights in one or several mapped files.</summary>
internal sealed class MappedWeights : IDisposable
{
    private const int MostNamed = 10;

    private readonly Dictionary<string, (MappedFile File, StoredTensor Stored)> _byName = new(StringComparer.Ordinal);
    private readonly List<MappedFile> _files = [];

    private MappedWeights()
    {
    }

    /// <summary>Maps the files.</summary>
    /// <exception cref="CheckpointFormatException">One is no safetensors file, or two hold the same tensor.</exception>
    public static async Task<MappedWeights> OpenAsync(IReadOnlyList<string> paths, CancellationToken cancellationToken)
    {
        var weights = new MappedWeights();
        try
        {
            foreach (var path in paths)
                weights.Add(await MappedFile.OpenAsync(path, cancellationToken).ConfigureAwait(false));
            return weights;
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    /// <summary>The decoder's weights; what must be converted is, on all cores.</summary>
    /// <param name="folder">What to call the model in messages.</param>
    /// <param name="config">The decoder's shape.</param>
    /// <param name="type">float32 or bfloat16.</param>
    /// <param name="device">Where they shall lie.</param>
    /// <exception cref="CheckpointFormatException">The tensors are not the model's.</exception>
    public DecoderWeights ToDecoder(string folder, DecoderConfig config, ScalarType type, Device device)
    {
        // Whatever a damaged config says, there is no room made for it.
        if (config.Layers > _byName.Count)
        {
            throw new CheckpointFormatException(
                folder, $"its config.json describes {config.Layers} layers, and its weights are {_byName.Count} tensors in all", "Fetch the model anew");
        }

        var shapes = DecoderWeights.Shapes(config);
        RequireMatch(folder, shapes);
        var tensors = new Tensor[shapes.Count];
        Parallel.For(0, shapes.Count, i =>
        {
            using var scope = NewDisposeScope();
            var (file, stored) = _byName[shapes[i].Name];
            tensors[i] = file.Take(stored).to(type, device).DetachFromDisposeScope();
        });
        return DecoderWeights.Create(config, shapes.Select((shape, i) => (shape.Name, tensors[i])));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var file in _files)
            file.Dispose();
    }

    private void Add(MappedFile file)
    {
        _files.Add(file);
        foreach (var stored in file.Tensors)
        {
            if (!_byName.TryAdd(stored.Info.Name, (file, stored)))
            {
                throw new CheckpointFormatException(
                    file.Name, $"tensor '{stored.Info.Name}' is in {_byName[stored.Info.Name].File.Name}, too", "Remove the file that does not belong to the model");
            }
        }
    }

    private void RequireMatch(string folder, IReadOnlyList<(string Name, long[] Shape)> shapes)
    {
        var wrong = shapes.Select(shape => ProblemOf(shape.Name, shape.Shape)).OfType<string>()
            .Concat(_byName.Keys.Except(shapes.Select(shape => shape.Name)).Where(name => !IsNeedless(name)).Select(name => $"{name} is none of the model's"))
            .ToList();
        if (wrong.Count == 0)
            return;
        var more = wrong.Count > MostNamed ? $"; and {wrong.Count - MostNamed} more" : "";
        throw new CheckpointFormatException(
            folder, $"its weights are not those that its config.json describes: {string.Join("; ", wrong.Take(MostNamed))}{more}", "Fetch the model anew");
    }

    private string? ProblemOf(string name, long[] shape) =>
        !_byName.TryGetValue(name, out var found) ? $"{name} is missing"
        : !found.Stored.Info.Shape.AsSpan().SequenceEqual(shape) ? $"{name} is [{string.Join(", ", found.Stored.Info.Shape)}], not [{string.Join(", ", shape)}]"
        : found.Stored.Info.Type is not (TensorType.Float32 or TensorType.BFloat16 or TensorType.Float16) ? $"{name} is of type {found.Stored.Info.Type}"
        : null;

    // A head that is tied to the embedding is sometimes written all the same, and so were the rotary frequencies once.
    private static bool IsNeedless(string name) => name == "lm_head.weight" || name.EndsWith(".rotary_emb.inv_freq", StringComparison.Ordinal);
}
