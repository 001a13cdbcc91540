using CoreSrl.Abstractions;
using CoreSrl.Formats;
using CoreSrl.Formats.Safetensors;
using static TorchSharp.torch;

namespace CoreSrl.Torch.HuggingFace;

/// <summary>A safetensors file mapped into memory. The tensors that were taken of it stay when this is disposed.</summary>
internal sealed class MappedFile : IDisposable
{
    private readonly FileSource _source;
    private readonly TensorFile _file;
    private readonly Dictionary<TensorType, Tensor> _wholes = [];

    private MappedFile(FileSource source, TensorFile file)
    {
        _source = source;
        _file = file;
        foreach (var type in file.Tensors.Where(IsAligned).Select(stored => stored.Info.Type).Distinct())
        {
            // Private to this process: whatever is done to a tensor, the file stays as it is.
            _wholes.Add(type, from_file(source.Name, shared: false, source.Length / type.ElementSize(), type.ToScalarType()).DetachFromDisposeScope());
        }
    }

    /// <summary>The path.</summary>
    public string Name => _source.Name;

    /// <summary>The file's tensors.</summary>
    public IReadOnlyList<StoredTensor> Tensors => _file.Tensors;

    /// <summary>Maps a file and checks its table; no tensor is touched yet.</summary>
    /// <exception cref="CheckpointFormatException">It is no safetensors file.</exception>
    public static async Task<MappedFile> OpenAsync(string path, CancellationToken cancellationToken)
    {
        GitLfs.RefusePointer(path);
        var source = new FileSource(path);
        try
        {
            return new(source, await SafetensorsReader.OpenAsync(source, cancellationToken).ConfigureAwait(false));
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    /// <summary>A tensor of the file's own bytes, where torch can use them as they lie, and of a copy otherwise.</summary>
    public Tensor Take(StoredTensor stored) =>
        IsAligned(stored)
            ? _wholes[stored.Info.Type].narrow(0, stored.Offset / stored.Info.Type.ElementSize(), stored.Info.ElementCount).view([.. stored.Info.Shape])
            : StoredTensors.ReadAsync(_file, stored, default).GetAwaiter().GetResult();

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var whole in _wholes.Values)
            whole.Dispose();
        _source.Dispose();
    }

    // Whoever writes these files pads the table so that each element lies at a multiple of its size; the format does not demand it.
    private static bool IsAligned(StoredTensor stored) => stored.Offset % stored.Info.Type.ElementSize() == 0;
}
