using CoreSrl.Abstractions;

namespace CoreSrl.Formats;

/// <summary>A folder whose files can be read, wherever it is.</summary>
public interface IByteFolder
{
    /// <summary>What to call it in messages: a path or a key prefix.</summary>
    string Name { get; }

    /// <summary>The file of that name, opened for reading; null when there is none. What goes wrong passes through unchanged.</summary>
    ValueTask<IByteSource?> FindAsync(string file, CancellationToken cancellationToken);
}
