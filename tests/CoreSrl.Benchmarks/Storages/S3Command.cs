using System.CommandLine;
using Amazon.Runtime;
using Amazon.S3;
using CoreSrl.Plugins.S3Storage;

namespace CoreSrl.Benchmarks.Storages;

/// <summary><c>s3</c>: the s3 storage beside the AWS SDK's own transfers and rclone, with Ceph's gateway.</summary>
internal static class S3Command
{
    private const string Bucket = "benchmark";
    private const string KeyId = "srl-test";
    private const string Secret = "srl-test-secret";

    public static Command Create() =>
        StorageCommand.Create("s3", "What the s3 storage takes for an object, beside the AWS SDK's own transfers and rclone.", MeasureAsync);

    /// <summary>A place in the benchmark's bucket.</summary>
    public static S3Storage Open(string endpoint, string? prefix = null)
    {
        Environment.SetEnvironmentVariable("AWS_ACCESS_KEY_ID", KeyId);
        Environment.SetEnvironmentVariable("AWS_SECRET_ACCESS_KEY", Secret);
        return new(new() { Bucket = Bucket, Prefix = prefix, Endpoint = endpoint, AllowHttp = true, Create = true });
    }

    private static async Task<StorageContest> MeasureAsync(string endpoint, int bytes, int runs)
    {
        using var ours = Open(endpoint);
        using var client = new AmazonS3Client(new AmazonS3Config
        {
            ServiceURL = endpoint,
            ForcePathStyle = true,
            AuthenticationRegion = "us-east-1",
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        });
        List<ITransport> transports = [new StorageTransport(ours), new TransferUtilityTransport(client, Bucket, ofFiles: true), new TransferUtilityTransport(client, Bucket, ofFiles: false)];
        if (await RcloneTransport.VersionAsync() is { } version)
        {
            StorageCommand.Tell(version);
            transports.Add(RcloneOf(endpoint));
        }
        else
        {
            StorageCommand.Tell("rclone is not installed: it is left out.");
        }

        return await StorageContest.MeasureAsync("s3", bytes, runs, transports, StorageCommand.Tell);
    }

    private static RcloneTransport RcloneOf(string endpoint) => new(
        $"s3:{Bucket}",
        new Dictionary<string, string>
        {
            ["RCLONE_CONFIG_S3_TYPE"] = "s3",
            ["RCLONE_CONFIG_S3_PROVIDER"] = "Ceph",
            ["RCLONE_CONFIG_S3_ENDPOINT"] = endpoint,
            ["RCLONE_CONFIG_S3_ACCESS_KEY_ID"] = KeyId,
            ["RCLONE_CONFIG_S3_SECRET_ACCESS_KEY"] = Secret,
            ["RCLONE_CONFIG"] = "/dev/null",
            ["AWS_CA_BUNDLE"] = "", // It cannot use one, and will not start with one, even over plain HTTP.
        },
        ["--s3-chunk-size", "8Mi", "--s3-upload-concurrency", "8", "--s3-upload-cutoff", "8Mi", "--s3-no-check-bucket", "--multi-thread-streams", "8", "--multi-thread-cutoff", "8Mi"]);
}
