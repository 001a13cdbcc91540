using System.Security.Cryptography;
using CoreSrl.Storage.Tests.Servers;

namespace CoreSrl.EndToEnd.Tests.Storages;

/// <summary>Training and every command on a container.</summary>
public sealed class AzureTests
{
    // "canary-account-key".
    private const string WrongKey = "Y2FuYXJ5LWFjY291bnQta2V5";

    public static TheoryData<string> Stories => [.. StorageStory.Names];

    [AzureTheory]
    [MemberData(nameof(Stories))]
    public Task On_a_container(string story) => StorageStory.TellAsync(story, NewPlace);

    private static StoragePlace NewPlace()
    {
        var prefix = $"t{RandomNumberGenerator.GetHexString(12, lowercase: true)}";
        var connection = TestServer.Azure.Address;
        var parts = connection.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(part => part.Split('=', 2)).ToDictionary(part => part[0], part => part[1]);
        var (account, key, endpoint) = (parts["AccountName"], parts["AccountKey"], parts["BlobEndpoint"]);
        return new(
            $$"""{ "Use": "azure", "Account": "{{account}}", "Container": "end-to-end", "Prefix": "{{prefix}}", "AllowHttp": true, "Create": true }""",
            $"azure://{account}/end-to-end/{prefix}?Endpoint={endpoint}&AllowHttp=true&Create=true",
            $"azure://{account}/end-to-end/{prefix}",
            Environment(connection),
            Environment(connection.Replace(key, WrongKey, StringComparison.Ordinal)),
            [key, WrongKey, "AccountKey", "SharedKey"]);
    }

    private static Dictionary<string, string> Environment(string connectionString) => new() { ["AZURE_STORAGE_CONNECTION_STRING"] = connectionString };
}
