using System.CommandLine;
using Azure.Storage.Blobs;
using Azure.Storage.Sas;
using CoreSrl.Plugins.AzureStorage;

namespace CoreSrl.Benchmarks.Storages;

/// <summary><c>azure</c>: the azure storage beside the Azure SDK's own transfers and rclone, with Azurite.</summary>
internal static class AzureCommand
{
    private const string Container = "benchmark";

    public static Command Create() =>
        StorageCommand.Create("azure", "What the azure storage takes for an object, beside the Azure SDK's own transfers and rclone.", MeasureAsync);

    private static async Task<StorageContest> MeasureAsync(string connectionString, int bytes, int runs)
    {
        using var ours = AzureStorage.Through(connectionString, new() { Container = Container, AllowHttp = true, Create = true });
        var account = new BlobServiceClient(connectionString, new BlobClientOptions(BlobClientOptions.ServiceVersion.V2025_11_05));
        var container = account.GetBlobContainerClient(Container);
        await container.CreateIfNotExistsAsync();
        List<ITransport> transports = [new StorageTransport(ours), new AzureTransport(container)];
        if (await RcloneTransport.VersionAsync() is { } version)
        {
            StorageCommand.Tell(version);
            transports.Add(RcloneOf(container));
        }
        else
        {
            StorageCommand.Tell("rclone is not installed: it is left out.");
        }

        return await StorageContest.MeasureAsync("azure", bytes, runs, transports, StorageCommand.Tell);
    }

    private static RcloneTransport RcloneOf(BlobContainerClient container)
    {
        var permissions = BlobContainerSasPermissions.Read | BlobContainerSasPermissions.Write | BlobContainerSasPermissions.Create | BlobContainerSasPermissions.List;
        var url = container.GenerateSasUri(permissions, DateTimeOffset.UtcNow.AddHours(6));
        return new(
            $"azure:{Container}",
            new Dictionary<string, string> { ["RCLONE_CONFIG_AZURE_TYPE"] = "azureblob", ["RCLONE_CONFIG_AZURE_SAS_URL"] = url.AbsoluteUri, ["RCLONE_CONFIG"] = "/dev/null" },
            ["--azureblob-chunk-size", "8Mi", "--azureblob-upload-concurrency", "8", "--multi-thread-streams", "8", "--multi-thread-cutoff", "8Mi"]);
    }
}
