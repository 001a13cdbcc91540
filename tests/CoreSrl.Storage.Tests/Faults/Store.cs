using CoreSrl.Abstractions;
using CoreSrl.Plugins.AzureStorage;
using CoreSrl.Plugins.S3Storage;
using CoreSrl.Storage.Tests.Azure;
using CoreSrl.Storage.Tests.S3;
using CoreSrl.Storage.Tests.Servers;

namespace CoreSrl.Storage.Tests.Faults;

/// <summary>A kind of storage and its server, to be reached by whatever way.</summary>
internal sealed class Store
{
    private readonly Func<Uri, string, TimeSpan, TimeProvider, ICheckpointStorage> _open;

    private Store(bool isAzure, Func<Uri> server, Func<Uri, string, TimeSpan, TimeProvider, ICheckpointStorage> open)
    {
        IsAzure = isAzure;
        Server = server();
        _open = open;
    }

    public static Store S3 => new(false, () => new(TestServer.S3.Address), OpenS3);

    public static Store Azure => new(true, () => new(Endpoint(TestServer.Azure.Address)), OpenAzure);

    public bool IsAzure { get; }

    /// <summary>So many floats go up in two or three parts.</summary>
    public int FloatsInParts => IsAzure ? 3 << 20 : (17 << 20) / sizeof(float);

    /// <summary>The server's own address.</summary>
    public Uri Server { get; private init; }

    /// <summary>The same kind of storage on another server.</summary>
    public static Store On(bool isAzure, string address) => isAzure
        ? new(true, () => new(Endpoint(address)), OpenAzure)
        : new(false, () => new(address), OpenS3);

    /// <summary>A storage in a folder, reached at an address.</summary>
    public ICheckpointStorage Open(Uri address, string folder, TimeSpan? timeout = null, TimeProvider? time = null) =>
        _open(address, folder, timeout ?? TimeSpan.FromMinutes(1), time ?? TimeProvider.System);

    public static string NewFolder() => $"{Guid.NewGuid():n}";

    private static S3Storage OpenS3(Uri address, string folder, TimeSpan timeout, TimeProvider time) =>
        new(S3Server.NewPlace() with { Endpoint = address.AbsoluteUri, Prefix = folder, Timeout = timeout }, time);

    private static AzureStorage OpenAzure(Uri address, string folder, TimeSpan timeout, TimeProvider time) => AzureStorage.Through(
        $"DefaultEndpointsProtocol=http;AccountName=srltest;AccountKey=c3JsLXRlc3Qtc2VjcmV0;BlobEndpoint={address.AbsoluteUri}",
        new() { Container = Container.Name, Prefix = folder, AllowHttp = true, Create = true, Timeout = timeout },
        time);

    private static string Endpoint(string connectionString) =>
        connectionString.Split(';').Single(part => part.StartsWith("BlobEndpoint=", StringComparison.Ordinal))["BlobEndpoint=".Length..].TrimEnd('/');
}
