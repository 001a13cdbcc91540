namespace CoreSrl.Abstractions;

/// <summary>Facts about a stored object.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Length">Its size in bytes.</param>
/// <param name="ETag">Names this version of it, in the storage's own notation: another content means another tag.</param>
/// <param name="Modified">When it was written, by the storage's clock.</param>
public sealed record ObjectInfo(string Key, long Length, string ETag, DateTimeOffset Modified);
