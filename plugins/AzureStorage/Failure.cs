using System.Net.Sockets;
using System.Security.Authentication;
using System.Text.RegularExpressions;
using System.Xml;
using Azure;
using Azure.Identity;
using CoreSrl.Abstractions;

namespace CoreSrl.Plugins.AzureStorage;

/// <summary>Translates what the client throws into what the caller can do about it.</summary>
/// <remarks>Of the error only names and numbers are passed on, nothing that a server, a proxy or a sign-in has worded: there keys
/// and signatures can stand. So no error has an inner one.</remarks>
internal static partial class Failure
{
    private const string Now = "the server could not do it now";
    private const string Changed = "bytes were lost or changed on their way";
    private const string NotAsExpected = "it is not what it was expected to be: another was there first";
    private const string Role = "the identity needs the role 'Storage Blob Data Contributor' on the account or container";

    /// <summary>The storage's error for the client's.</summary>
    /// <param name="error">What the client threw.</param>
    /// <param name="place">Where the objects lie.</param>
    /// <param name="key">The key concerned; empty for the storage as a whole.</param>
    /// <param name="stalled">For how long nothing moved, if that ended the request.</param>
    public static StorageException Translate(Exception error, AzurePlace place, string key, TimeSpan? stalled)
    {
        var (kind, advice) = stalled is { } limit
            ? (StorageErrorKind.Transient, $"nothing moved for {limit.TotalSeconds:0.###} s (Timeout)")
            : Chain(error).Select(cause => Read(cause, place)).FirstOrDefault(read => read is not null)
                ?? (StorageErrorKind.Permanent, $"the client failed in a way that nobody foresaw ({error.GetType().Name})");
        return Of(kind, place, key, advice);
    }

    /// <summary>An error in the words of all errors.</summary>
    public static StorageException Of(StorageErrorKind kind, AzurePlace place, string key, string advice) =>
        new(kind, key, $"{(key.Length == 0 ? place.Location : $"'{key}' in {place.Location}")}: {advice}.");

    /// <summary>A condition does not hold.</summary>
    public static StorageException ConditionFailed(AzurePlace place, string key) => Of(StorageErrorKind.PreconditionFailed, place, key, NotAsExpected);

    /// <summary>What arrived is not what was sent.</summary>
    public static StorageException Damaged(AzurePlace place, string key) =>
        Of(StorageErrorKind.Transient, place, key, Changed);

    /// <summary>A range is not there.</summary>
    public static StorageException BeyondEnd(AzurePlace place, string key) =>
        Of(StorageErrorKind.Permanent, place, key, "the range reaches beyond its end");

    private static IEnumerable<Exception> Chain(Exception error)
    {
        for (var cause = error; cause is not null; cause = cause.InnerException)
            yield return cause;
    }

    private static (StorageErrorKind Kind, string Advice)? Read(Exception cause, AzurePlace place) => cause switch
    {
        CredentialUnavailableException => (StorageErrorKind.Permanent, $"no credentials are found; set {AzureConnection.Variable}, sign in (az login), or run where a managed identity is"),
        AuthenticationFailedException when !Chain(cause).Any(e => e is HttpRequestException or SocketException or RequestFailedException { Status: 0 or >= 500 }) =>
            (StorageErrorKind.Permanent, $"the sign-in failed{SignInCode(cause)}; check the identity's variables in the environment (AZURE_CLIENT_ID and its like), or sign in again"),
        RequestFailedException { Status: not 0 } answer => Answered(answer, place),
        AuthenticationException => (StorageErrorKind.Permanent, "the server's certificate is not trusted; check the endpoint, and this machine's certificate authorities"),
        SocketException socket => (StorageErrorKind.Transient, $"no connection ({socket.SocketErrorCode}); check the network, and the account's name, if it stays so"),
        HttpIOException http => (StorageErrorKind.Transient, $"the connection broke ({http.HttpRequestError})"),
        HttpRequestException { InnerException: null } http => (StorageErrorKind.Transient, $"no connection ({http.HttpRequestError}); check the network, and the account's name, if it stays so"),
        IOException { InnerException: null } => (StorageErrorKind.Transient, "the connection broke"),
        XmlException or FormatException or ArgumentOutOfRangeException => (StorageErrorKind.Transient, Changed), // No listing has a digest, but not every change to one makes sense.
        TimeoutException or OperationCanceledException => (StorageErrorKind.Transient, "the server took too long"),
        _ => null,
    };

    private static (StorageErrorKind, string) Answered(RequestFailedException error, AzurePlace place)
    {
        var code = Name(error.ErrorCode);
        var (kind, advice) = ByCode(code, place) ?? ByStatus(error.Status);
        var request = Name(error.GetRawResponse()?.Headers.RequestId) is { Length: > 0 } id ? $", request {id}" : "";
        return (kind, $"{advice} ({error.Status}{(code.Length == 0 ? "" : $" {code}")}{request})");
    }

    private static (StorageErrorKind, string)? ByCode(string code, AzurePlace place) => code switch
    {
        "BlobNotFound" or "ResourceNotFound" => (StorageErrorKind.NotFound, "there is no such object"),
        // One that the first write creates has no objects yet.
        "ContainerNotFound" when place.Create => (StorageErrorKind.NotFound, "there is no such object, and no container yet"),
        "ContainerNotFound" => (StorageErrorKind.Permanent, $"the container '{place.Container}' does not exist; create it, choose another, or set \"Create\": true, in a URL ?Create=true"),
        "BlobAlreadyExists" or "ConditionNotMet" or "TargetConditionNotMet" or "UnauthorizedBlobOverwrite" => (StorageErrorKind.PreconditionFailed, NotAsExpected),
        "AuthenticationFailed" or "InvalidAuthenticationInfo" => (StorageErrorKind.Permanent, "the server does not accept the credentials; check them, whether they have expired, and this machine's clock"),
        "NoAuthenticationInformation" or "KeyBasedAuthenticationNotPermitted" => (StorageErrorKind.Permanent, $"the server does not accept this kind of credentials; without {AzureConnection.Variable} the identity signs in"),
        "AuthorizationPermissionMismatch" or "InsufficientAccountPermissions" => (StorageErrorKind.Permanent, $"no permission; {Role}, a shared access signature the permissions to read, write, create, delete and list"),
        "AuthorizationFailure" or "AuthorizationSourceIPMismatch" => (StorageErrorKind.Permanent, $"no permission; check the credentials, and whether the account's firewall keeps this machine out; {Role}"),
        "AuthorizationProtocolMismatch" => (StorageErrorKind.Permanent, "the account wants https://; change Endpoint or the connection string"),
        "AccountIsDisabled" or "ContainerDisabled" => (StorageErrorKind.Permanent, "the account or container is disabled; have it enabled, or choose another"),
        "AccountBeingCreated" or "ContainerBeingDeleted" or "ServerBusy" or "InternalError" or "OperationTimedOut" or "SystemInUse" => (StorageErrorKind.Transient, Now),
        // The last is what an emulator says of a digest; Azure uses it for nothing that is asked of it here.
        "Md5Mismatch" or "Crc64Mismatch" or "InvalidOperation" => (StorageErrorKind.Transient, "bytes were lost or changed on their way"),
        "InvalidRange" => (StorageErrorKind.Permanent, "the range reaches beyond its end"),
        "InvalidBlobType" => (StorageErrorKind.Permanent, "a blob of another kind (page or append) has its name; remove it, or choose another prefix"),
        "InvalidBlobOrBlock" or "BlockCountExceedsLimit" => (StorageErrorKind.Permanent, "another program's unfinished upload is in the way; end it, or wait a week, after which Azure discards it"),
        "BlobArchived" or "BlobBeingRehydrated" => (StorageErrorKind.Permanent, "it was moved to the archive tier; move it back, and keep checkpoints out of the archive"),
        "BlobImmutableDueToPolicy" => (StorageErrorKind.Permanent, "a policy makes it immutable; keep checkpoints in a container without one"),
        "SnapshotsPresent" => (StorageErrorKind.Permanent, "it has snapshots, which are not the storage's to remove; remove them"),
        "RequestBodyTooLarge" or "MaxBlobSizeConditionNotMet" => (StorageErrorKind.Permanent, "it is larger than the server takes in one piece"),
        _ when code.StartsWith("Lease", StringComparison.Ordinal) => (StorageErrorKind.Permanent, "another program holds a lease on it; break that"),
        _ => null,
    };

    private static (StorageErrorKind, string) ByStatus(int status) => status switch
    {
        404 => (StorageErrorKind.NotFound, "there is no such object"),
        412 => (StorageErrorKind.PreconditionFailed, NotAsExpected),
        416 => (StorageErrorKind.Permanent, "the range reaches beyond its end"),
        401 or 403 => (StorageErrorKind.Permanent, "no permission; check the credentials, whether they have expired, and what they allow"),
        501 or 505 => (StorageErrorKind.Permanent, "the server does not know how to do it; use another"),
        507 => (StorageErrorKind.Permanent, "no space or quota is left; free some, or have it raised"),
        408 or 425 or 429 or >= 500 => (StorageErrorKind.Transient, Now),
        >= 300 and < 400 => (StorageErrorKind.Permanent, "the server sends elsewhere; check Endpoint"),
        _ => (StorageErrorKind.Permanent, "the server refuses the request"),
    };

    private static string SignInCode(Exception error) =>
        Chain(error).Select(e => SignInCode().Match(e.Message)).FirstOrDefault(match => match.Success) is { } found ? $" ({found.Value})" : "";

    [GeneratedRegex(@"AADSTS\d{1,9}")]
    private static partial Regex SignInCode();

    /// <summary>A name as servers give them, or nothing.</summary>
    private static string Name(string? text) =>
        text is { Length: > 0 and <= 80 } && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_') ? text : "";
}
