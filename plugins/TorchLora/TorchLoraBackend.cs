using CoreSrl.Abstractions;
using CoreSrl.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace CoreSrl.Plugins.TorchLora;

/// <summary>Creates models that compute in this process with libtorch.</summary>
/// <param name="options">The model's shape and how it plays and learns.</param>
[Plugin("torch-lora", Description = "A small Qwen3-style decoder in this process, trained through a LoRA adapter.")]
public sealed class TorchLoraBackend(TorchLoraOptions options) : IModelBackend
{
    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The device is not there, or torch already runs with another number of
    /// threads.</exception>
    public async ValueTask<IModel> CreateAsync(ModelContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        // Must come before anything else touches torch.
        TorchRuntime.Initialize(context.Threads);
        return await Task.Run(() => new TorchLoraModel(options, context, Find(options.Device)), cancellationToken).ConfigureAwait(false);
    }

    private static Device Find(string name)
    {
        if (name == "cpu")
            return torch.CPU;
        var index = name == "cuda" ? 0 : int.Parse(name["cuda:".Length..]);
        var present = cuda.is_available() ? cuda.device_count() : 0;
        if (index >= present)
        {
            throw new InvalidOperationException(
                $"Device is {name}, but torch sees {present} CUDA devices. Use Device cpu, or build the host with -p:TorchDevice=cuda on a "
                + "machine with the NVIDIA driver.");
        }

        return device($"cuda:{index}");
    }
}
