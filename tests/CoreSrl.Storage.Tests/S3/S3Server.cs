using System.Security.Cryptography;
using Amazon.S3;
using CoreSrl.Plugins.S3Storage;
using CoreSrl.Storage.Tests.Servers;

namespace CoreSrl.Storage.Tests.S3;

/// <summary>The S3 server that the tests use, with the keys where the SDK finds them: the server's in the environment, others in
/// profiles.</summary>
internal static class S3Server
{
    /// <summary>The profile <c>canary</c>: an access key, a secret key and a session token, none of which may be seen anywhere.</summary>
    public static readonly IReadOnlyList<string> Canaries = ["CANARYACCESSKEYID", "canary/secret+key", "canary//session+token"];

    static S3Server()
    {
        var profiles = Path.Combine(Path.GetTempPath(), $"core-srl-profiles-{Environment.ProcessId}");
        File.WriteAllText(profiles, $"""
            [canary]
            aws_access_key_id = {Canaries[0]}
            aws_secret_access_key = {Canaries[1]}
            aws_session_token = {Canaries[2]}
            [program]
            credential_process = sh -c 'echo {Canaries[1]} >&2; exit 1'
            [endpoint]
            aws_access_key_id = {Canaries[0]}
            aws_secret_access_key = {Canaries[1]}
            endpoint_url = http://127.0.0.1:9
            [region]
            aws_access_key_id = {Canaries[0]}
            aws_secret_access_key = {Canaries[1]}
            region = eu-central-1
            """);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => File.Delete(profiles);
        Environment.SetEnvironmentVariable("AWS_SHARED_CREDENTIALS_FILE", profiles);
        Environment.SetEnvironmentVariable("AWS_REGION", "eu-west-1");
        Environment.SetEnvironmentVariable("AWS_ACCESS_KEY_ID", "srl-test");
        Environment.SetEnvironmentVariable("AWS_SECRET_ACCESS_KEY", "srl-test-secret");
    }

    /// <summary>A name that nobody else uses.</summary>
    public static string NewName() => $"t{RandomNumberGenerator.GetHexString(12, lowercase: true)}";

    /// <summary>A folder of its own in a bucket that all tests share.</summary>
    public static S3StorageOptions NewPlace() => new() { Bucket = "tests", Prefix = NewName(), Endpoint = TestServer.S3.Address, AllowHttp = true, Create = true };

    /// <summary>Another program's way to the server.</summary>
    public static AmazonS3Client NewClient() => new(new AmazonS3Config { ServiceURL = TestServer.S3.Address, ForcePathStyle = true, AuthenticationRegion = "us-east-1" });

    /// <summary>A storage on a server that the tests play themselves, with the canaries as its keys.</summary>
    public static S3Storage At(string address, TimeSpan? timeout = null, string? profile = "canary", string? region = null) => new(new()
    {
        Bucket = "checkpoints",
        Prefix = "run",
        Endpoint = address,
        AllowHttp = true,
        Profile = profile,
        Region = region,
        Timeout = timeout ?? TimeSpan.FromSeconds(30),
    });
}
