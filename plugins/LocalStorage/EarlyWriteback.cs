using Microsoft.Win32.SafeHandles;

namespace CoreSrl.Plugins.LocalStorage;

/// <summary>Fills a file from its start, and has the disk begin with what is written while the rest still comes.</summary>
/// <remarks>Linux keeps what is written in memory until it is flushed, so a large file's copying and its writing to the disk would take
/// their times one after another. Elsewhere the system is left to itself.</remarks>
internal sealed class EarlyWriteback(SafeFileHandle file)
{
    // Small enough to begin early, large enough that a file of a few megabytes is one request, made by the flush.
    private const int Stretch = 16 << 20;

    private long _begun;
    private long _length;

    /// <summary>Writes what comes next.</summary>
    public void Append(ReadOnlySpan<byte> piece)
    {
        try
        {
            RandomAccess.Write(file, piece, _length);
        }
        catch (ArgumentOutOfRangeException)
        {
            throw new IOException("File too large", Failure.FileTooLarge); // .NET speaks of an argument instead.
        }

        _length += piece.Length;
        if (_length - _begun < Stretch || !OperatingSystem.IsLinux())
            return;
        Posix.BeginWriteback(file, _begun, _length - _begun);
        _begun = _length;
    }
}
