using CoreSrl.Abstractions;
using Microsoft.Data.Sqlite;

namespace Company.SrlPlugin;

/// <summary>A SQLite database of objects, made when something is first written.</summary>
/// <param name="file">Where it is.</param>
internal sealed class Database(string file) : IDisposable
{
    /// <summary>The largest object in bytes: SQLite's own limit for a blob, less room for the rest of its row.</summary>
    public const long MaxLength = 999_000_000;

    private readonly string _connection = new SqliteConnectionStringBuilder { DataSource = file, DefaultTimeout = 60 }.ConnectionString;
    private readonly SemaphoreSlim _turn = new(1); // SQLite has one writer at a time, and no queue.
    private readonly Lock _gate = new();
    private bool _made;

    public string File => file;

    /// <summary>Does some work in one transaction, on another thread than the caller's.</summary>
    /// <param name="key">The key it is about, for errors.</param>
    /// <param name="forWriting">Whether it changes anything: then it waits until no other does.</param>
    /// <param name="work">The work; undone if it throws. Not done where nothing was ever written: it finds nothing.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <exception cref="StorageException">It failed.</exception>
    public async ValueTask<T> RunAsync<T>(string key, bool forWriting, Func<SqliteConnection, T> work, CancellationToken cancellationToken)
    {
        if (!forWriting)
            return await Task.Run(() => Run(key, forWriting, work, cancellationToken), cancellationToken).ConfigureAwait(false);
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await Task.Run(() => Run(key, forWriting, work, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose()
    {
        _turn.Dispose();
        using var connection = new SqliteConnection(_connection);
        SqliteConnection.ClearPool(connection);
    }

    private T Run<T>(string key, bool forWriting, Func<SqliteConnection, T> work, CancellationToken cancellationToken)
    {
        try
        {
            if (!forWriting && !System.IO.File.Exists(file))
                return RunOn("Data Source=:memory:;Pooling=False", forWriting: true, Make(work), cancellationToken);
            MakeFile();
            return RunOn(_connection, forWriting, work, cancellationToken);
        }
        catch (SqliteException e)
        {
            // SQLITE_BUSY and SQLITE_LOCKED: https://www.sqlite.org/rescode.html
            var kind = e.SqliteErrorCode is 5 or 6 ? StorageErrorKind.Transient : StorageErrorKind.Permanent;
            throw new StorageException(kind, key, $"'{key}' in {file}: {e.Message.TrimEnd('.')}. See whether the disk is full and the file may be written.", e);
        }
        catch (Exception e) when (e is IOException and not StorageException or UnauthorizedAccessException)
        {
            throw new StorageException(StorageErrorKind.Permanent, key, $"'{key}' in {file}: {e.Message}", e);
        }
    }

    private static T RunOn<T>(string to, bool forWriting, Func<SqliteConnection, T> work, CancellationToken cancellationToken)
    {
        using var connection = new SqliteConnection(to);
        connection.Open();
        cancellationToken.ThrowIfCancellationRequested();
        // Full: what is committed outlives a power cut. Its own timeout: SQLite looks again after milliseconds, its driver after 150 of them.
        // 64 MiB of cache: a large object is written once, and not a first time while it is being filled in.
        Execute(connection, "PRAGMA synchronous = FULL; PRAGMA busy_timeout = 60000; PRAGMA cache_size = -65536");
        using var transaction = connection.BeginTransaction(deferred: !forWriting);
        var result = work(connection);
        cancellationToken.ThrowIfCancellationRequested();
        transaction.Commit();
        return result;
    }

    private void MakeFile()
    {
        lock (_gate)
        {
            if (_made)
                return;
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            using var connection = new SqliteConnection(_connection);
            connection.Open();
            Execute(connection, "PRAGMA journal_mode = WAL"); // Readers do not wait for a writer.
            Make(_ => true)(connection);
            _made = true;
        }
    }

    private static Func<SqliteConnection, T> Make<T>(Func<SqliteConnection, T> work) => connection =>
    {
        Execute(connection, "CREATE TABLE IF NOT EXISTS objects (key TEXT PRIMARY KEY, etag TEXT NOT NULL, modified TEXT NOT NULL, content BLOB NOT NULL)");
        return work(connection);
    };

    private static void Execute(SqliteConnection connection, string text)
    {
        using var command = connection.CreateCommand();
        command.CommandText = text;
        command.ExecuteNonQuery();
    }
}
