using System.ComponentModel.DataAnnotations;

namespace CoreSrl.Plugins.S3Storage;

/// <summary>The options of the <c>s3</c> storage. None of them is a secret: keys come from where the AWS SDK looks for them, the
/// environment, a profile, or the machine's role.</summary>
public sealed record S3StorageOptions : IValidatableObject
{
    /// <summary>The bucket that holds the objects.</summary>
    /// <value>Required, unless <see cref="Url"/> says it.</value>
    public string? Bucket { get; init; }

    /// <summary>What the objects' names begin with, before a <c>/</c>: a folder in the bucket, such as <c>runs/first</c>.</summary>
    /// <value>Default: none, the whole bucket.</value>
    public string? Prefix { get; init; }

    /// <summary>The bucket's region, such as <c>eu-central-1</c>.</summary>
    /// <value>Default: what the environment (<c>AWS_REGION</c>), the profile or the machine says; with an endpoint, and where neither
    /// environment nor profile says one, <c>us-east-1</c>.</value>
    public string? Region { get; init; }

    /// <summary>The server's address, for one that is not Amazon's: <c>https://storage.example:9000</c>.</summary>
    /// <value>Default: what the environment (<c>AWS_ENDPOINT_URL_S3</c>, <c>AWS_ENDPOINT_URL</c>) or the profile says, else Amazon's
    /// own in the region.</value>
    public string? Endpoint { get; init; }

    /// <summary>The profile, in the AWS configuration files, that says the credentials.</summary>
    /// <value>Default: the SDK looks in its usual places, in their usual order.</value>
    [MinLength(1)]
    public string? Profile { get; init; }

    /// <summary>Whether an endpoint may be spoken to over plain HTTP, where everybody on the way can read along.</summary>
    /// <value>Default: false.</value>
    public bool AllowHttp { get; init; }

    /// <summary>Whether the first write may create the bucket.</summary>
    /// <value>Default: false; a bucket that does not exist is an error.</value>
    public bool Create { get; init; }

    /// <summary>All of it in one: <c>s3://bucket/prefix?Region=eu-central-1</c>. What may follow the <c>?</c> are <see cref="Region"/>,
    /// <see cref="Endpoint"/>, <see cref="Profile"/>, <see cref="AllowHttp"/> and <see cref="Create"/>. So a command line names a
    /// place.</summary>
    /// <value>Default: none; what it says must not be said beside it.</value>
    public string? Url { get; init; }

    /// <summary>How many parts of one object are on their way at a time. Writing from a source holds as many parts in memory.</summary>
    /// <value>Default: 8. Range: 1 to 64.</value>
    [Range(1, 64)]
    public int Parallelism { get; init; } = 8;

    /// <summary>For how long a request may stand still, no byte moving in either direction, before it counts as failed.</summary>
    /// <value>Default: 00:01:00. Range: 00:00:01 to 01:00:00.</value>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00", ParseLimitsInInvariantCulture = true, ConvertValueInInvariantCulture = true)]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        S3Place.Read(this, out var problems);
        return problems;
    }
}
