namespace CoreSrl.Plugins.S3Storage;

/// <summary>The names of versions. Servers write them in quotes, and not all take them back so.</summary>
internal static class ETags
{
    public static string Bare(string? etag) => etag?.Trim('"') ?? "";
}
