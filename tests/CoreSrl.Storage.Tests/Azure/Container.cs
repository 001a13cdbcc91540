using Azure.Storage.Blobs;
using CoreSrl.Plugins.AzureStorage;
using CoreSrl.Storage.Tests.Servers;

namespace CoreSrl.Storage.Tests.Azure;

/// <summary>The tests' own container on the Azure server; the first write creates it.</summary>
internal static class Container
{
    public const string Name = "core-srl-tests";

    /// <summary>A storage in a folder of the container.</summary>
    public static AzureStorage Open(string prefix) => Open(new AzureStorageOptions { Container = Name, Prefix = prefix, AllowHttp = true, Create = true });

    /// <summary>A storage as the options say.</summary>
    public static AzureStorage Open(AzureStorageOptions options) => AzureStorage.Through(TestServer.Azure.Address, options);

    /// <summary>A place in the container that no other test has.</summary>
    public static string NewPrefix() => $"{Guid.NewGuid():n}";

    /// <summary>The SDK's own view of the container.</summary>
    public static BlobContainerClient Client() =>
        new(TestServer.Azure.Address, Name, new BlobClientOptions(BlobClientOptions.ServiceVersion.V2025_11_05));
}
