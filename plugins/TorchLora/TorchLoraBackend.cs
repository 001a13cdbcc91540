using CoreSrl.Abstractions;
using CoreSrl.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace CoreSrl.Plugins.TorchLora;

/// <summary>Creates models that compute in this process with libtorch.</summary>
/// <param name="options">The model's shape and how it plays and learns.</param>
[Plugin("torch-lora", Description = "A language model in this process, trained through a LoRA adapter: a Hugging Face folder, or a small random one.")]
public sealed class TorchLoraBackend(TorchLoraOptions options) : IModelBackend
{
    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The device is not there, torch already runs with another number of threads, or the
    /// model's tokenizer cannot be used. What is wrong with its other files is an exception of CoreSrl.Torch.</exception>
    public async ValueTask<IModel> CreateAsync(ModelContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        // Must come before anything else touches torch.
        TorchRuntime.Initialize(context.Threads);
        var device = Find(options.Device);
        return await Task.Run(
            async () =>
            {
                var shared = options.Path is { } path
                    ? await ModelBase.OfFolderAsync(path, options.Type, device, cancellationToken).ConfigureAwait(false)
                    : ModelBase.Random(options, options.BaseSeed ?? context.Seed, device);
                var adapter = await AdapterAsync(shared, context, cancellationToken).ConfigureAwait(false);
                return new TorchLoraModel(options, context, shared, adapter, device);
            },
            cancellationToken).ConfigureAwait(false);
    }

    private async Task<LoraAdapter> AdapterAsync(ModelBase shared, ModelContext context, CancellationToken cancellationToken)
    {
        try
        {
            return options.Adapter is { } path
                ? await PeftFolder.LoadAsync(Path.GetFullPath(path), shared.Weights, cancellationToken).ConfigureAwait(false)
                : new LoraAdapter(options.Lora(), shared.Weights, SeededFill.Derive(context.Seed, "adapter"));
        }
        catch
        {
            shared.Dispose();
            throw;
        }
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
