using System.Diagnostics;
using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace CoreSrl.Benchmarks.Storages;

/// <summary>The Azure SDK's own way, tuned: as many requests of the same size at a time.</summary>
internal sealed class AzureTransport(BlobContainerClient container) : ITransport
{
    private static readonly StorageTransferOptions Tuned = new() { MaximumConcurrency = 8, MaximumTransferSize = 8 << 20, InitialTransferSize = 8 << 20 };

    public string Name => "Azure SDK";

    public async Task<TimeSpan> UpAsync(string name, TransportContent content)
    {
        var clock = Stopwatch.StartNew();
        await container.GetBlobClient(name).UploadAsync(new MemoryStream(content.Sent), new BlobUploadOptions { TransferOptions = Tuned });
        return clock.Elapsed;
    }

    public async Task<TimeSpan> DownAsync(string name, TransportContent content)
    {
        var clock = Stopwatch.StartNew();
        await container.GetBlobClient(name).DownloadToAsync(new MemoryStream(content.Received), new BlobDownloadToOptions { TransferOptions = Tuned });
        return clock.Elapsed;
    }
}
