using CoreSrl.Abstractions;
using CoreSrl.Formats.Pt;
using CoreSrl.Formats.Safetensors;

namespace CoreSrl.Formats.Peft;

/// <summary>
/// Reads a folder in which PEFT saved a LoRA adapter: <c>adapter_config.json</c>, and <c>adapter_model.safetensors</c> or, from
/// before that, <c>adapter_model.bin</c>.
/// </summary>
public static class PeftAdapterReader
{
    internal const string ConfigName = "adapter_config.json";
    internal const string TensorsName = "adapter_model.safetensors";
    private const string LegacyTensorsName = "adapter_model.bin";

    private const string Remedy = "Name the folder in which PEFT's save_pretrained put the adapter";

    /// <summary>
    /// Reads and checks the config and the table of tensors. Of a folder that passes, every option is one that Core SRL does, every
    /// LoRA matrix has its partner, the rank that the config says and a module that the config targets, and every other tensor
    /// belongs to a module to save. With both files of tensors there, the safetensors one counts, as in PEFT.
    /// </summary>
    /// <exception cref="CheckpointFormatException">A file is missing, damaged or not supported, or contradicts the other.</exception>
    public static async ValueTask<PeftAdapter> OpenAsync(IByteFolder folder, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(folder);
        var source = await folder.FindAsync(ConfigName, cancellationToken).ConfigureAwait(false)
            ?? throw new CheckpointFormatException(folder.Name, $"it holds no {ConfigName}", Remedy);
        var config = await ReadConfigAsync(source, cancellationToken).ConfigureAwait(false);
        var modules = new PeftModules(source.Name, config);
        var file = await OpenTensorsAsync(folder, cancellationToken).ConfigureAwait(false);
        var (pairs, saved) = PeftTable.Sort(file.Source.Name, config, modules, file.Tensors);
        return new PeftAdapter(config, file, pairs, saved);
    }

    private static async ValueTask<PeftConfig> ReadConfigAsync(IByteSource source, CancellationToken cancellationToken)
    {
        if (source.Length > PeftConfigReader.MaxLength)
        {
            throw new CheckpointFormatException(
                source.Name, $"it takes {source.Length} bytes; more than {PeftConfigReader.MaxLength} are not plausible", Remedy);
        }

        var json = new byte[source.Length];
        await source.ReadAsync(0, json, cancellationToken).ConfigureAwait(false);
        return PeftConfigReader.Parse(source.Name, json);
    }

    private static async ValueTask<TensorFile> OpenTensorsAsync(IByteFolder folder, CancellationToken cancellationToken)
    {
        if (await folder.FindAsync(TensorsName, cancellationToken).ConfigureAwait(false) is { } tensors)
            return await SafetensorsReader.OpenAsync(tensors, cancellationToken).ConfigureAwait(false);
        if (await folder.FindAsync(LegacyTensorsName, cancellationToken).ConfigureAwait(false) is { } legacy)
            return await PtReader.OpenAsync(legacy, cancellationToken).ConfigureAwait(false);
        throw new CheckpointFormatException(folder.Name, $"it holds no {TensorsName} (nor {LegacyTensorsName})", Remedy);
    }
}
