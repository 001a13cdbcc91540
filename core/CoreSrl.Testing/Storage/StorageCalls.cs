using System.Text;
using CoreSrl.Abstractions;

namespace CoreSrl.Testing;

/// <summary>The storage's calls in the short forms that rules use.</summary>
internal static class StorageCalls
{
    public static async Task<ObjectInfo> PutAsync(this ICheckpointStorage storage, string key, byte[] content, WriteCondition condition = default) =>
        await storage.WriteAsync(key, new(content), condition, default).ConfigureAwait(false);

    public static Task<ObjectInfo> PutAsync(this ICheckpointStorage storage, string key, string text, WriteCondition condition = default) =>
        storage.PutAsync(key, Encoding.UTF8.GetBytes(text), condition);

    /// <summary>The object's bytes, by its facts and a read; null when it is not there.</summary>
    public static async Task<byte[]?> GetAsync(this ICheckpointStorage storage, string key)
    {
        if (await storage.StatAsync(key, default).ConfigureAwait(false) is not { } info)
            return null;
        var content = new byte[info.Length];
        await storage.ReadAsync(key, 0, content, default).ConfigureAwait(false);
        return content;
    }

    /// <summary>The same as text.</summary>
    public static async Task<string?> TextAsync(this ICheckpointStorage storage, string key) =>
        await storage.GetAsync(key).ConfigureAwait(false) is { } content ? Encoding.UTF8.GetString(content) : null;

    public static async Task<IReadOnlyList<ObjectInfo>> ListedAsync(this ICheckpointStorage storage, string prefix, CancellationToken cancellationToken = default)
    {
        List<ObjectInfo> listed = [];
        await foreach (var info in storage.ListAsync(prefix, cancellationToken).ConfigureAwait(false))
            listed.Add(info);
        return listed;
    }

    public static async Task<IReadOnlyList<string>> KeysAsync(this ICheckpointStorage storage, string prefix = "") =>
        [.. (await storage.ListedAsync(prefix).ConfigureAwait(false)).Select(info => info.Key)];

    public static async Task<IReadOnlyList<string>> FoldersAsync(this ICheckpointStorage storage, string prefix = "")
    {
        List<string> names = [];
        await foreach (var name in storage.ListFoldersAsync(prefix, default).ConfigureAwait(false))
            names.Add(name);
        return names;
    }
}
