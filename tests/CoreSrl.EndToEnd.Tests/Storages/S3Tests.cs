using System.Security.Cryptography;
using CoreSrl.Storage.Tests.Servers;

namespace CoreSrl.EndToEnd.Tests.Storages;

/// <summary>Training and every command on a bucket.</summary>
public sealed class S3Tests
{
    public static TheoryData<string> Stories => [.. StorageStory.Names];

    [S3Theory]
    [MemberData(nameof(Stories))]
    public Task On_a_bucket(string story) => StorageStory.TellAsync(story, NewPlace);

    internal static StoragePlace NewPlace()
    {
        var prefix = $"t{RandomNumberGenerator.GetHexString(12, lowercase: true)}";
        var endpoint = TestServer.S3.Address;
        return new(
            $$"""{ "Use": "s3", "Bucket": "end-to-end", "Prefix": "{{prefix}}", "Endpoint": "{{endpoint}}", "AllowHttp": true, "Create": true }""",
            $"s3://end-to-end/{prefix}?Endpoint={endpoint}&AllowHttp=true&Create=true",
            $"s3://end-to-end/{prefix}",
            Keys("srl-test", "srl-test-secret"),
            new Dictionary<string, string>(Keys("canary-key-id", "canary-secret")) { ["AWS_SESSION_TOKEN"] = "canary-token" },
            ["srl-test-secret", "canary-secret", "canary-key-id", "canary-token"]);
    }

    private static Dictionary<string, string> Keys(string id, string secret) => new()
    {
        ["AWS_ACCESS_KEY_ID"] = id,
        ["AWS_SECRET_ACCESS_KEY"] = secret,
    };
}
