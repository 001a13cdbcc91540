using System.Text.Json;
using CoreSrl.Abstractions;
using CoreSrl.Formats.Safetensors;

namespace CoreSrl.Formats.Peft;

/// <summary>Lays a LoRA adapter out as the folder that PEFT's <c>PeftModel.from_pretrained</c> loads.</summary>
public static class PeftAdapterWriter
{
    private static readonly KeyValuePair<string, string>[] Metadata = [new("format", "pt")];
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>The folder's files; what the tensors' own file holds is fetched when it is read.</summary>
    /// <param name="name">What to call the folder in messages.</param>
    /// <param name="config">What the adapter is.</param>
    /// <param name="tensors">Its tensors under PEFT's names, the modules to save included; in any order.</param>
    /// <exception cref="CheckpointFormatException">Tensors and config contradict each other: <see cref="PeftAdapterReader"/> would
    /// refuse the folder, with this message.</exception>
    public static IReadOnlyList<(string File, IByteSource Content)> ToFiles(
        string name, PeftConfig config, IEnumerable<TensorSource> tensors)
    {
        ArgumentNullException.ThrowIfNull(config);
        var configName = Path.Combine(name, PeftAdapterReader.ConfigName);
        var tensorsName = Path.Combine(name, PeftAdapterReader.TensorsName);
        var json = JsonSerializer.SerializeToUtf8Bytes(config.ToJson(), Indented);
        var written = PeftConfigReader.Parse(configName, json);

        var all = tensors.ToArray();
        var layout = SafetensorsWriter.Layout(all.Select(tensor => tensor.Info), Metadata);
        PeftTable.Sort(tensorsName, written, new PeftModules(configName, written), layout.Tensors);
        return
        [
            (PeftAdapterReader.ConfigName, new SequenceSource(configName, new(json))),
            (PeftAdapterReader.TensorsName, SafetensorsWriter.ToSource(tensorsName, all, Metadata)),
        ];
    }
}
