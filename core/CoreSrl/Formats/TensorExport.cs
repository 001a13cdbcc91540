using CoreSrl.Abstractions;
using CoreSrl.Formats.Peft;
using CoreSrl.Formats.Pt;
using CoreSrl.Formats.Safetensors;

namespace CoreSrl.Formats;

/// <summary>
/// Writes tensors to this machine's disk for other programs: whole files that are there at once or not at all, however large, with a
/// few MiB of memory. The tensors of several files are exported together by concatenating their <see cref="TensorSource"/>s.
/// </summary>
/// <remarks>Each method refuses a place where something that is not empty is already with an IOException that names it, before it
/// reads any tensor; folders above the place are made. What fails while a tensor is fetched or written passes through, and nothing is
/// left at the place. <c>flush</c> waits until the bytes are on the disk (fsync) before they take their name.</remarks>
public static class TensorExport
{
    // What transformers asks of a safetensors file before it loads it.
    private static readonly KeyValuePair<string, string>[] PyTorchFormat = [new("format", "pt")];

    /// <summary>Writes a safetensors file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="tensors">The tensors in any order; the file has its own.</param>
    /// <param name="metadata">Strings for <c>__metadata__</c>; null for <c>format: pt</c>, which transformers asks for.</param>
    /// <param name="flush">Whether to wait for the disk.</param>
    /// <param name="cancellationToken">Ends the export; nothing is left of it.</param>
    /// <exception cref="ArgumentException">As for <see cref="SafetensorsWriter.Write"/>.</exception>
    public static Task ToSafetensorsAsync(
        string path,
        IEnumerable<TensorSource> tensors,
        IEnumerable<KeyValuePair<string, string>>? metadata = null,
        bool flush = false,
        CancellationToken cancellationToken = default)
    {
        var target = new NewTarget(path, flush);
        return target.WriteFileAsync(SafetensorsWriter.ToSource(path, tensors, metadata ?? PyTorchFormat), cancellationToken);
    }

    /// <summary>Writes a PyTorch state dict. Its tensors are fetched twice: for their checksums, and to be written.</summary>
    /// <param name="path">The file.</param>
    /// <param name="tensors">The state dict in its order.</param>
    /// <param name="flush">Whether to wait for the disk.</param>
    /// <param name="cancellationToken">Ends the export; nothing is left of it.</param>
    /// <exception cref="ArgumentException">As for <see cref="PtWriter.Write"/>.</exception>
    public static async Task ToPtAsync(
        string path, IEnumerable<TensorSource> tensors, bool flush = false, CancellationToken cancellationToken = default)
    {
        var target = new NewTarget(path, flush);
        var file = await PtWriter.ToSourceAsync(path, tensors, cancellationToken).ConfigureAwait(false);
        await target.WriteFileAsync(file, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Writes a folder of a safetensors file and others.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="file">What the tensors' file is called.</param>
    /// <param name="tensors">The tensors in any order; the file has its own.</param>
    /// <param name="others">The other files, by name.</param>
    /// <param name="flush">Whether to wait for the disk.</param>
    /// <param name="cancellationToken">Ends the export; nothing is left of it.</param>
    /// <exception cref="ArgumentException">As for <see cref="SafetensorsWriter.Write"/>.</exception>
    internal static Task ToFolderAsync(
        string folder,
        string file,
        IEnumerable<TensorSource> tensors,
        IEnumerable<(string Name, IByteSource Content)> others,
        bool flush = false,
        CancellationToken cancellationToken = default)
    {
        var target = new NewTarget(folder, flush);
        return target.WriteFolderAsync([(file, SafetensorsWriter.ToSource(file, tensors, PyTorchFormat)), .. others], cancellationToken);
    }

    /// <summary>Writes a folder that PEFT loads.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="config">What the adapter is; <see cref="PeftConfig.Parse"/> reads it from a model's own description.</param>
    /// <param name="tensors">The adapter's tensors under PEFT's names, in any order.</param>
    /// <param name="flush">Whether to wait for the disk.</param>
    /// <param name="cancellationToken">Ends the export; nothing is left of it.</param>
    /// <exception cref="CheckpointFormatException">Tensors and config contradict each other.</exception>
    public static Task ToPeftAsync(
        string folder,
        PeftConfig config,
        IEnumerable<TensorSource> tensors,
        bool flush = false,
        CancellationToken cancellationToken = default)
    {
        var target = new NewTarget(folder, flush);
        return target.WriteFolderAsync(PeftAdapterWriter.ToFiles(folder, config, tensors), cancellationToken);
    }
}
