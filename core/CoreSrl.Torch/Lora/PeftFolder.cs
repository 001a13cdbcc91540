using CoreSrl.Formats;
using CoreSrl.Formats.Peft;
using CoreSrl.Torch.HuggingFace;
using static TorchSharp.torch;

namespace CoreSrl.Torch;

/// <summary>A folder in which PEFT's <c>save_pretrained</c> put an adapter, or <c>srl export --format peft</c>.</summary>
public static class PeftFolder
{
    /// <summary>The adapter, to go on learning from.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="weights">The weights of the decoder that is to carry it.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <exception cref="CheckpointFormatException">There is no such adapter, it has an option that is not supported, or it is none of
    /// this decoder: the message says which.</exception>
    public static async Task<LoraAdapter> LoadAsync(string path, DecoderWeights weights, CancellationToken cancellationToken = default)
    {
        foreach (var file in Directory.Exists(path) ? Directory.GetFiles(path, "adapter_*") : [])
            GitLfs.RefusePointer(file);
        using var folder = new LocalFolder(path);
        var peft = await PeftAdapterReader.OpenAsync(folder, cancellationToken).ConfigureAwait(false);
        var config = LoraConfig.Of(peft.Config);
        if (config.ProblemWith(weights.Config) is { } problem)
            throw new CheckpointFormatException(path, $"its option 'modules_to_save' {problem}", "Train an adapter without them");

        // Before there is any room made for them.
        peft.RequireMatch(LoraAdapter.Shapes(config, weights.Config).Select(tensor => new Abstractions.TensorInfo(tensor.Name, Abstractions.TensorType.Float32, [.. tensor.Shape])));
        var adapter = new LoraAdapter(config, weights, seed: 0);
        try
        {
            foreach (var stored in peft.File.Tensors)
            {
                using var read = await StoredTensors.ReadAsync(peft.File, stored, cancellationToken).ConfigureAwait(false);
                Write(read, adapter.Parameters[stored.Info.Name]);
            }

            return adapter;
        }
        catch
        {
            adapter.Dispose();
            throw;
        }
    }

    private static void Write(Tensor from, Tensor to)
    {
        using var scope = NewDisposeScope();
        using var untracked = no_grad();
        to.copy_(from);
    }
}
