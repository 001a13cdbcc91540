using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using CoreSrl.Abstractions;
using Microsoft.Data.Sqlite;

namespace Company.SrlPlugin;

/// <summary>
/// Keeps objects in one SQLite database: a transaction makes each write whole, conditional and durable.
/// </summary>
/// <param name="options">What the database is called.</param>
/// <param name="context">Where it lies.</param>
[Plugin("srl-foo", Description = "Keeps a run's checkpoints in one SQLite database.")]
public sealed class SrlFooStorage(SrlFooOptions options, StorageContext context) : ICheckpointStorage, IDisposable
{
    private readonly Database _database = new(Path.Combine(context.Directory, options.File));

    /// <inheritdoc/>
    public string Location => _database.File;

    /// <inheritdoc/>
    public StorageCapabilities Capabilities { get; } = new() { MaxObjectLength = Database.MaxLength, MaxConditionalLength = Database.MaxLength, IsLocal = true };

    /// <inheritdoc/>
    public ValueTask<ObjectInfo?> StatAsync(string key, CancellationToken cancellationToken)
    {
        ObjectKey.Check(key);
        return _database.RunAsync(key, forWriting: false, connection => Find(connection, key)?.Info, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask ReadAsync(string key, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        ObjectKey.Check(key);
        await _database.RunAsync(key, forWriting: false, connection =>
        {
            var (info, row) = Find(connection, key) ?? throw new StorageException(StorageErrorKind.NotFound, key, $"There is no '{key}' in {Location}.");
            if (offset < 0 || offset > info.Length - destination.Length)
                throw new StorageException(StorageErrorKind.Permanent, key, $"'{key}' in {Location} has {info.Length} bytes: there are no {destination.Length} from byte {offset} on.");
            if (destination.IsEmpty)
                return true;
            using var blob = new SqliteBlob(connection, "objects", "content", row, readOnly: true) { Position = offset };
            foreach (var piece in Pieces(destination.Length))
            {
                cancellationToken.ThrowIfCancellationRequested();
                blob.ReadExactly(destination.Span[piece]);
            }

            return true;
        }, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask<ObjectInfo> WriteAsync(string key, ReadOnlySequence<byte> content, WriteCondition condition, CancellationToken cancellationToken)
    {
        ObjectKey.Check(key);
        if (content.Length > Database.MaxLength)
            throw new StorageException(StorageErrorKind.Permanent, key, $"'{key}' has {content.Length} bytes, and SQLite holds no more than {Database.MaxLength} in one place.");
        return _database.RunAsync(key, forWriting: true, connection =>
        {
            var found = Find(connection, key)?.Info;
            if (condition.MustBeAbsent ? found is not null : condition.ETag is { } etag && found?.ETag != etag)
                throw new StorageException(StorageErrorKind.PreconditionFailed, key, $"'{key}' in {Location} is not what it was to be.");
            var written = new ObjectInfo(key, content.Length, Guid.NewGuid().ToString("N"), DateTimeOffset.UtcNow);
            using var insert = connection.CreateCommand();
            insert.CommandText = "INSERT OR REPLACE INTO objects (key, etag, modified, content) VALUES ($key, $etag, $modified, zeroblob($length)) RETURNING rowid";
            insert.Parameters.AddWithValue("$key", key);
            insert.Parameters.AddWithValue("$etag", written.ETag);
            insert.Parameters.AddWithValue("$modified", written.Modified.ToString("O", CultureInfo.InvariantCulture));
            insert.Parameters.AddWithValue("$length", content.Length);
            var row = (long)insert.ExecuteScalar()!;
            if (content.IsEmpty)
                return written;
            using var blob = new SqliteBlob(connection, "objects", "content", row);
            foreach (var segment in content)
            {
                foreach (var piece in Pieces(segment.Length))
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    blob.Write(segment.Span[piece]);
                }
            }

            return written;
        }, cancellationToken);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ObjectKey.CheckPrefix(prefix);
        var listed = await _database.RunAsync(prefix, forWriting: false, connection =>
        {
            using var select = connection.CreateCommand();
            select.CommandText = "SELECT key, length(content), etag, modified FROM objects WHERE substr(key, 1, length($prefix)) = $prefix";
            select.Parameters.AddWithValue("$prefix", prefix);
            using var rows = select.ExecuteReader();
            var infos = new List<ObjectInfo>();
            while (rows.Read())
                infos.Add(new(rows.GetString(0), rows.GetInt64(1), rows.GetString(2), TimeOf(rows.GetString(3))));
            return infos;
        }, cancellationToken).ConfigureAwait(false);
        // SQLite orders by UTF-8, which is not the ordinal order of .NET's strings.
        foreach (var info in listed.OrderBy(info => info.Key, StringComparer.Ordinal))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return info;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DeleteAsync(string key, CancellationToken cancellationToken)
    {
        ObjectKey.Check(key);
        await _database.RunAsync(key, forWriting: true, connection =>
        {
            using var delete = connection.CreateCommand();
            delete.CommandText = "DELETE FROM objects WHERE key = $key";
            delete.Parameters.AddWithValue("$key", key);
            return delete.ExecuteNonQuery();
        }, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose() => _database.Dispose();

    private static (ObjectInfo Info, long Row)? Find(SqliteConnection connection, string key)
    {
        using var select = connection.CreateCommand();
        select.CommandText = "SELECT rowid, length(content), etag, modified FROM objects WHERE key = $key";
        select.Parameters.AddWithValue("$key", key);
        using var rows = select.ExecuteReader();
        return rows.Read() ? (new(key, rows.GetInt64(1), rows.GetString(2), TimeOf(rows.GetString(3))), rows.GetInt64(0)) : null;
    }

    private static DateTimeOffset TimeOf(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);

    /// <summary>A transfer in pieces, so that it can be cancelled between two.</summary>
    private static IEnumerable<Range> Pieces(int length)
    {
        const int pieceLength = 1 << 20;
        for (var start = 0; start < length; start += pieceLength)
            yield return start..Math.Min(start + pieceLength, length);
    }
}
