using System.Diagnostics;
using Amazon.S3;
using Amazon.S3.Transfer;

namespace CoreSrl.Benchmarks.Storages;

/// <summary>The AWS SDK's own way, tuned: as many requests of the same size at a time, files to files or memory to memory.</summary>
internal sealed class TransferUtilityTransport(IAmazonS3 client, string bucket, bool ofFiles) : ITransport
{
    private const long PartLength = 8 << 20;

    private readonly TransferUtility _transfers = new(client, new TransferUtilityConfig { ConcurrentServiceRequests = 8, MinSizeBeforePartUpload = PartLength });

    public string Name => ofFiles ? "TransferUtility, files" : "TransferUtility, memory";

    public async Task<TimeSpan> UpAsync(string name, TransportContent content)
    {
        var request = new TransferUtilityUploadRequest { BucketName = bucket, Key = name, PartSize = PartLength };
        if (ofFiles)
            request.FilePath = content.SentFile;
        else
            request.InputStream = new MemoryStream(content.Sent);
        var clock = Stopwatch.StartNew();
        await _transfers.UploadAsync(request);
        return clock.Elapsed;
    }

    public async Task<TimeSpan> DownAsync(string name, TransportContent content)
    {
        var clock = Stopwatch.StartNew();
        if (ofFiles)
        {
            await _transfers.DownloadWithResponseAsync(
                new() { BucketName = bucket, Key = name, FilePath = content.ReceivedFile, PartSize = PartLength, MultipartDownloadType = MultipartDownloadType.RANGE });
        }
        else
        {
            using var response = await _transfers.OpenStreamWithResponseAsync(
                new() { BucketName = bucket, Key = name, PartSize = PartLength, MultipartDownloadType = MultipartDownloadType.RANGE });
            await response.ResponseStream.ReadExactlyAsync(content.Received);
        }

        return clock.Elapsed;
    }
}
