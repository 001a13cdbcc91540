using CoreSrl.Abstractions;
using CoreSrl.Plugins.AzureStorage;
using CoreSrl.Storage.Tests.S3;
using CoreSrl.Storage.Tests.Servers;

namespace CoreSrl.Storage.Tests.Faults;

/// <summary>Listings with one wrong bit: no checksum of either protocol covers them.</summary>
public sealed class FlippedListingTests
{
    private const string S3Listing = """
        <?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>checkpoints</Name><Prefix>run/a/</Prefix><KeyCount>2</KeyCount><MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated><Contents><Key>run/a/b</Key><LastModified>2026-01-02T03:04:05.678Z</LastModified><ETag>&quot;0123456789abcdef0123456789abcdef&quot;</ETag><Size>12</Size><StorageClass>STANDARD</StorageClass></Contents><Contents><Key>run/a/c/d</Key><LastModified>2026-01-02T03:04:05.678Z</LastModified><ETag>&quot;0123456789abcdef0123456789abcdef-2&quot;</ETag><Size>34</Size></Contents></ListBucketResult>
        """;

    private const string S3Folders = """
        <?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>checkpoints</Name><Prefix>run/</Prefix><Delimiter>/</Delimiter><KeyCount>2</KeyCount><MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated><CommonPrefixes><Prefix>run/a/</Prefix></CommonPrefixes><CommonPrefixes><Prefix>run/bc/</Prefix></CommonPrefixes></ListBucketResult>
        """;

    private const string AzureListing = """
        <?xml version="1.0" encoding="utf-8"?><EnumerationResults ServiceEndpoint="http://127.0.0.1/srltest" ContainerName="checkpoints"><Prefix>run/a/</Prefix><Blobs><Blob><Name>run/a/b</Name><Properties><Last-Modified>Fri, 02 Jan 2026 03:04:05 GMT</Last-Modified><Etag>0x8D4BCC2E4835CD0</Etag><Content-Length>12</Content-Length><BlobType>BlockBlob</BlobType></Properties></Blob><Blob><Name>run/a/c/d</Name><Properties><Last-Modified>Fri, 02 Jan 2026 03:04:05 GMT</Last-Modified><Etag>0x8D4BCC2E4835CD1</Etag><Content-Length>34</Content-Length><BlobType>BlockBlob</BlobType></Properties></Blob></Blobs><NextMarker /></EnumerationResults>
        """;

    private const string AzureFolders = """
        <?xml version="1.0" encoding="utf-8"?><EnumerationResults ServiceEndpoint="http://127.0.0.1/srltest" ContainerName="checkpoints"><Prefix>run/</Prefix><Delimiter>/</Delimiter><Blobs><BlobPrefix><Name>run/a/</Name></BlobPrefix><BlobPrefix><Name>run/bc/</Name></BlobPrefix></Blobs><NextMarker /></EnumerationResults>
        """;

    [Theory]
    [InlineData(S3Listing, "a/")]
    [InlineData(S3Folders, "")]
    public Task Of_S3_each_is_noticed_or_has_one_wrong_entry(string listing, string prefix) =>
        CheckAsync(listing, prefix, address => S3Server.At(address));

    [Theory]
    [InlineData(AzureListing, "a/")]
    [InlineData(AzureFolders, "")]
    public Task Of_Azure_each_is_noticed_or_has_one_wrong_entry(string listing, string prefix) => CheckAsync(
        listing,
        prefix,
        address => AzureStorage.Through($"AccountName=srltest;AccountKey=a2V5;BlobEndpoint={address}/srltest", new() { Container = "checkpoints", Prefix = "run", AllowHttp = true }));

    private static async Task CheckAsync(string listing, string prefix, Func<string, ICheckpointStorage> open)
    {
        var answer = listing;
        using var server = new CannedServer(_ => $"HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nContent-Length: {answer.Length}\r\nConnection: close\r\n\r\n{answer}");
        var storage = open(server.Address);
        var truth = await ListAsync(storage, prefix);
        Assert.Equal(2, truth.Count);
        var noticed = 0;
        for (var at = 0; at < listing.Length; at++)
        {
            answer = $"{listing[..at]}{(char)(listing[at] ^ (1 << (at % 7)))}{listing[(at + 1)..]}";
            try
            {
                var seen = await ListAsync(storage, prefix);
                Assert.True(seen.Count <= truth.Count && truth.Except(seen).Count() <= 1, $"{answer}\n{string.Join('\n', seen)}");
            }
            catch (StorageException e) when (e.Kind == StorageErrorKind.Transient || e.Message.Contains("in no usual order", StringComparison.Ordinal))
            {
                noticed++;
            }
        }

        Assert.True(noticed > listing.Length / 3, $"{noticed} were noticed");
        (storage as IDisposable)?.Dispose();
    }

    private static async Task<IReadOnlyList<string>> ListAsync(ICheckpointStorage storage, string prefix) => prefix.Length == 0
        ? await storage.ListFoldersAsync(prefix, default).ToListAsync()
        : await storage.ListAsync(prefix, default).Select(info => $"{info}").ToListAsync();
}
