using System.Text.Json;
using CoreSrl.Formats;

namespace CoreSrl.Torch.HuggingFace;

/// <summary>Finds the files that hold a model's weights.</summary>
internal static class WeightFiles
{
    private const string OneName = "model.safetensors";
    private const string IndexName = "model.safetensors.index.json";
    private const int MaxIndexLength = 64 << 20;

    private const string Remedy = "Fetch the model anew, or save it with safe_serialization=True";

    /// <summary>The paths, each once. The index counts where there is one.</summary>
    /// <exception cref="CheckpointFormatException">There are none, one that the index names is missing, or the index names
    /// something outside the folder.</exception>
    public static async Task<IReadOnlyList<string>> FindAsync(string folder, CancellationToken cancellationToken)
    {
        var index = Path.Combine(folder, IndexName);
        if (await SmallFile.ReadAsync(index, MaxIndexLength, cancellationToken).ConfigureAwait(false) is { } json)
            return [.. NamesIn(index, json).Select(name => Existing(index, Path.Combine(folder, name)))];
        var one = Path.Combine(folder, OneName);
        return File.Exists(one) ? [one] : throw new CheckpointFormatException(folder, $"it holds no {OneName} and no {IndexName}", Remedy);
    }

    private static SortedSet<string> NamesIn(string index, byte[] json)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        try
        {
            using var document = JsonDocument.Parse(json);
            foreach (var entry in document.RootElement.GetProperty("weight_map").EnumerateObject())
                names.Add(entry.Value.GetString() ?? throw new InvalidOperationException("a name is null"));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new CheckpointFormatException(index, "it holds no 'weight_map' that names a file for each tensor", Remedy, e);
        }

        var outside = names.FirstOrDefault(name => name.Length == 0 || name is "." or ".." || name.AsSpan().ContainsAny('/', '\\', ':'));
        return outside is null ? names : throw new CheckpointFormatException(index, $"it names the file '{outside}', which is not one of the folder's own", Remedy);
    }

    private static string Existing(string index, string path) =>
        File.Exists(path) ? path : throw new CheckpointFormatException(index, $"it names {Path.GetFileName(path)}, which is not there", Remedy);
}
