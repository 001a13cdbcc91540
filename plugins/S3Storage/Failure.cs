using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Xml;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using CoreSrl.Abstractions;

namespace CoreSrl.Plugins.S3Storage;

/// <summary>Translates what the client throws into what the caller can do about it.</summary>
/// <remarks>Of the error only names and numbers are passed on, nothing that a server, a proxy or a credentials program has worded:
/// there the keys themselves can stand. So no error has an inner one.</remarks>
internal static class Failure
{
    private const string Now = "the server could not do it now";
    private const string NotAsExpected = "it is not what it was expected to be: another was there first";
    public const string Damaged = "bytes were lost or changed on their way";

    /// <summary>The storage's error for the client's.</summary>
    /// <param name="error">What the client threw.</param>
    /// <param name="place">Where the objects lie.</param>
    /// <param name="key">The key concerned; empty for the storage as a whole.</param>
    /// <param name="stalled">For how long nothing moved, if that ended the request.</param>
    public static StorageException Translate(Exception error, S3Place place, string key, TimeSpan? stalled)
    {
        var (kind, advice) = stalled is { } limit
            ? (StorageErrorKind.Transient, $"nothing moved for {limit.TotalSeconds:0.###} s (Timeout)")
            : Chain(error).Select(cause => Read(cause, place)).FirstOrDefault(read => read is not null)
                ?? (StorageErrorKind.Permanent, $"the client failed in a way that nobody foresaw ({error.GetType().Name})");
        return Of(kind, place, key, advice);
    }

    /// <summary>An error in the words of all errors.</summary>
    public static StorageException Of(StorageErrorKind kind, S3Place place, string key, string advice) =>
        new(kind, key, $"{(key.Length == 0 ? place.Location : $"'{key}' in {place.Location}")}: {advice}.");

    /// <summary>A condition does not hold.</summary>
    public static StorageException ConditionFailed(S3Place place, string key) => Of(StorageErrorKind.PreconditionFailed, place, key, NotAsExpected);

    private static IEnumerable<Exception> Chain(Exception error)
    {
        for (var cause = error; cause is not null; cause = cause.InnerException)
            yield return cause;
    }

    private static (StorageErrorKind Kind, string Advice)? Read(Exception cause, S3Place place) => cause switch
    {
        AmazonServiceException { StatusCode: not 0 } service => Answered(service, place),
        AuthenticationException => (StorageErrorKind.Permanent, "the server's certificate is not trusted; check the endpoint, and this machine's certificate authorities"),
        SocketException socket => (StorageErrorKind.Transient, $"no connection ({socket.SocketErrorCode}); check the network and the endpoint if it stays so"),
        HttpIOException http => (StorageErrorKind.Transient, $"the connection broke ({http.HttpRequestError})"),
        HttpRequestException { InnerException: null } http => (StorageErrorKind.Transient, $"no connection ({http.HttpRequestError}); check the network and the endpoint if it stays so"),
        IOException { InnerException: null } => (StorageErrorKind.Transient, "the connection broke"),
        XmlException or FormatException => (StorageErrorKind.Transient, Damaged), // No listing has a digest, but not every change to one makes sense.
        TimeoutException or OperationCanceledException => (StorageErrorKind.Transient, "the server took too long"),
        // The last in each chain: what the client finds wrong by itself.
        AmazonClientException { InnerException: null } client when client.Message.Contains("hash", StringComparison.OrdinalIgnoreCase) => (StorageErrorKind.Transient, Damaged),
        AmazonClientException { InnerException: null } or ProcessAWSCredentialException or InvalidOperationException { InnerException: null } => (StorageErrorKind.Permanent, place.Profile is { } profile
            ? $"no usable credentials in the profile '{profile}'; check it, or sign in again"
            : "no usable credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or Profile, or sign in again"),
        _ => null,
    };

    private static (StorageErrorKind, string) Answered(AmazonServiceException error, S3Place place)
    {
        var code = Name(error.ErrorCode);
        var (kind, advice) = ByCode(code, place) ?? ByStatus(error.StatusCode);
        if (code is "PermanentRedirect" or "AuthorizationHeaderMalformed" or "IllegalLocationConstraintException")
            (kind, advice) = (StorageErrorKind.Permanent, $"the bucket '{place.Bucket}' lies in {RegionOf(error) ?? "another region"}; set Region to it");
        var request = Name(error.RequestId) is { Length: > 0 } id ? $", request {id}" : "";
        return (kind, $"{advice} ({(int)error.StatusCode}{(code.Length == 0 ? "" : $" {code}")}{request})");
    }

    private static (StorageErrorKind, string)? ByCode(string code, S3Place place) => code switch
    {
        "NoSuchKey" => (StorageErrorKind.NotFound, "there is no such object"),
        "NoSuchBucket" => (StorageErrorKind.Permanent, $"the bucket '{place.Bucket}' does not exist; create it, choose another, or set \"Create\": true, in a URL ?Create=true"),
        "PreconditionFailed" => (StorageErrorKind.PreconditionFailed, NotAsExpected),
        "AccessDenied" or "AllAccessDisabled" or "AccountProblem" => (StorageErrorKind.Permanent, "no permission; the credentials must allow s3:ListBucket on the bucket, and s3:GetObject, s3:PutObject, s3:DeleteObject and s3:AbortMultipartUpload below the prefix"),
        "InvalidAccessKeyId" => (StorageErrorKind.Permanent, "the server does not know the access key; check the credentials"),
        "SignatureDoesNotMatch" => (StorageErrorKind.Permanent, "the server refuses the signature; check the secret key, and the region"),
        "ExpiredToken" or "TokenRefreshRequired" or "RequestExpired" => (StorageErrorKind.Permanent, "the credentials have expired; sign in again"),
        "InvalidToken" or "InvalidClientTokenId" => (StorageErrorKind.Permanent, "the server refuses the session token; sign in again"),
        "RequestTimeTooSkewed" => (StorageErrorKind.Permanent, "this machine's clock is wrong by more than the server allows; set it"),
        "BucketAlreadyExists" => (StorageErrorKind.Permanent, $"the bucket '{place.Bucket}' belongs to somebody else; choose another name"),
        "InvalidBucketName" => (StorageErrorKind.Permanent, $"the server allows no bucket of the name '{place.Bucket}'; choose another"),
        "QuotaExceeded" or "XMinioStorageFull" => (StorageErrorKind.Permanent, "no space or quota is left; free some, or have it raised"),
        "EntityTooLarge" => (StorageErrorKind.Permanent, "it is larger than the server takes in one piece"),
        "InvalidRange" => (StorageErrorKind.Permanent, "the range reaches beyond its end"),
        "InvalidObjectState" => (StorageErrorKind.Permanent, "it was moved to an archive; restore it there, and keep checkpoints out of archives"),
        "KeyTooLongError" => (StorageErrorKind.Permanent, "its name is longer than the server takes"),
        "BadDigest" or "XAmzContentSHA256Mismatch" or "IncompleteBody" => (StorageErrorKind.Transient, Damaged),
        "NoSuchUpload" or "InvalidPart" => (StorageErrorKind.Transient, "the upload was aborted from elsewhere"),
        "ConditionalRequestConflict" or "OperationAborted" => (StorageErrorKind.Transient, "the server is in the middle of another change to it"),
        "SlowDown" or "RequestTimeout" or "RequestTimeTooLong" or "InternalError" or "ServiceUnavailable" or "Throttling" or "ThrottlingException" or "TooManyRequests"
            or "RequestLimitExceeded" or "BandwidthLimitExceeded" => (StorageErrorKind.Transient, Now),
        _ => null,
    };

    private static (StorageErrorKind, string) ByStatus(HttpStatusCode status) => (int)status switch
    {
        404 => (StorageErrorKind.NotFound, "there is no such object"),
        412 => (StorageErrorKind.PreconditionFailed, NotAsExpected),
        416 => (StorageErrorKind.Permanent, "the range reaches beyond its end"),
        401 or 403 => (StorageErrorKind.Permanent, "no permission; check the credentials, whether they have expired, and what they allow"),
        507 => (StorageErrorKind.Permanent, "no space or quota is left; free some, or have it raised"),
        501 => (StorageErrorKind.Permanent, "the server does not know how to do it; use another"),
        408 or 409 or 425 or 429 or >= 500 => (StorageErrorKind.Transient, Now),
        >= 300 and < 400 => (StorageErrorKind.Permanent, "the server sends elsewhere; check Endpoint and Region"),
        _ => (StorageErrorKind.Permanent, "the server refuses the request"),
    };

    /// <summary>The region that an answer says the bucket is in, in words.</summary>
    private static string? RegionOf(AmazonServiceException error) =>
        error.InnerException is HttpErrorResponseException { Response: { } answer } && answer.GetHeaderValue("x-amz-bucket-region") is { } region && S3Place.IsRegion(region)
            ? $"the region {region}"
            : null;

    /// <summary>A name as servers give them, or nothing.</summary>
    private static string Name(string? text) =>
        text is { Length: > 0 and <= 80 } && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_') ? text : "";
}
