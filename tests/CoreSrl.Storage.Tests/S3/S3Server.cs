using System.Security.Cryptography;
using CoreSrl.Plugins.S3Storage;
using CoreSrl.Storage.Tests.Servers;

namespace CoreSrl.Storage.Tests.S3;

/// <summary>The S3 server that the tests use, with the keys that the SDK finds in the environment.</summary>
internal static class S3Server
{
    static S3Server()
    {
        Environment.SetEnvironmentVariable("AWS_ACCESS_KEY_ID", "srl-test");
        Environment.SetEnvironmentVariable("AWS_SECRET_ACCESS_KEY", "srl-test-secret");
    }

    /// <summary>A name that nobody else uses.</summary>
    public static string NewName() => $"t{RandomNumberGenerator.GetHexString(12, lowercase: true)}";

    /// <summary>A folder of its own in a bucket that all tests share.</summary>
    public static S3StorageOptions NewPlace() => new() { Bucket = "tests", Prefix = NewName(), Endpoint = TestServer.S3.Address, AllowHttp = true, Create = true };
}
