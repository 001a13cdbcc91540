using CoreSrl.Abstractions;

namespace CoreSrl.Plugins.LocalStorage;

/// <summary>Another source, remembering with what it failed: to tell its errors from those of the file it is copied to.</summary>
internal sealed class GuardedSource(IByteSource source) : IByteSource
{
    public Exception? Failure { get; private set; }

    public string Name => source.Name;

    // Asked for once: the copy and the file must agree.
    public long Length { get; } = source.Length;

    public async ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        try
        {
            await source.ReadAsync(offset, destination, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            Failure = error;
            throw;
        }
    }
}
