using System.Security;
using CoreSrl.Abstractions;
using CoreSrl.Plugins.S3Storage;
using CoreSrl.Storage.Tests.Servers;

namespace CoreSrl.Storage.Tests.S3;

public sealed class S3ErrorTests
{
    private const string Listed = "<ListBucketResult><Name>checkpoints</Name><KeyCount>0</KeyCount><MaxKeys>1</MaxKeys><IsTruncated>false</IsTruncated></ListBucketResult>";

    [Theory]
    [InlineData(404, "NoSuchBucket", StorageErrorKind.Permanent, "the bucket 'checkpoints' does not exist; create it, choose another, or set \"Create\": true")]
    [InlineData(412, "PreconditionFailed", StorageErrorKind.PreconditionFailed, "another was there first")]
    [InlineData(409, "ConditionalRequestConflict", StorageErrorKind.Transient, "in the middle of another change")]
    [InlineData(403, "AccessDenied", StorageErrorKind.Permanent, "the credentials must allow s3:ListBucket")]
    [InlineData(403, "InvalidAccessKeyId", StorageErrorKind.Permanent, "check the credentials")]
    [InlineData(403, "SignatureDoesNotMatch", StorageErrorKind.Permanent, "check the secret key, and the region")]
    [InlineData(400, "ExpiredToken", StorageErrorKind.Permanent, "the credentials have expired; sign in again")]
    [InlineData(403, "RequestTimeTooSkewed", StorageErrorKind.Permanent, "this machine's clock is wrong")]
    [InlineData(400, "AuthorizationHeaderMalformed", StorageErrorKind.Permanent, "lies in another region; set Region to it")]
    [InlineData(403, "QuotaExceeded", StorageErrorKind.Permanent, "no space or quota is left")]
    [InlineData(507, "", StorageErrorKind.Permanent, "no space or quota is left")]
    [InlineData(400, "BadDigest", StorageErrorKind.Transient, "bytes were lost or changed on their way")]
    [InlineData(400, "RequestTimeout", StorageErrorKind.Transient, "the server could not do it now")]
    [InlineData(503, "SlowDown", StorageErrorKind.Transient, "the server could not do it now")]
    [InlineData(500, "InternalError", StorageErrorKind.Transient, "the server could not do it now")]
    [InlineData(408, "", StorageErrorKind.Transient, "the server could not do it now")]
    [InlineData(429, "TooManyRequests", StorageErrorKind.Transient, "the server could not do it now")]
    [InlineData(502, "", StorageErrorKind.Transient, "the server could not do it now")]
    [InlineData(400, "Unheard-of", StorageErrorKind.Permanent, "the server refuses the request (400 Unheard-of, request 7)")]
    public async Task An_answer_is_an_error_of_its_class_after_one_attempt_and_tells_no_secret(int status, string code, StorageErrorKind kind, string said)
    {
        // It repeats what was sent, as servers do that explain a wrong signature.
        using var server = new CannedServer(request => request.Contains("list-type=2", StringComparison.Ordinal)
            ? Answer("200 OK", Listed)
            : Answer($"{status} Error", $"<Error><Code>{code}</Code><Message>{string.Join(' ', S3Server.Canaries)} {SecurityElement.Escape(request)}</Message><RequestId>7</RequestId></Error>"));
        using var storage = S3Server.At(server.Address);

        var error = await Assert.ThrowsAsync<StorageException>(() => storage.WriteAsync("a/b", new(new byte[3]), WriteCondition.Always, default).AsTask());

        Assert.Equal((kind, "a/b"), (error.Kind, error.Key));
        Assert.StartsWith("'a/b' in s3://checkpoints/run: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
        Assert.Equal(2, server.Requests.Count);
        AssertNoSecret(error);
    }

    [Theory]
    [InlineData(403, "ExpiredToken", "the credentials have expired; sign in again")]
    [InlineData(400, "ExpiredToken", "the credentials have expired; sign in again")]
    [InlineData(403, "AccessDenied", "no permission")]
    public async Task What_the_answer_to_a_HEAD_cannot_say_is_asked_for(int status, string code, string said)
    {
        var lists = 0;
        using var server = new CannedServer(request => request.StartsWith("HEAD", StringComparison.Ordinal)
            ? $"HTTP/1.1 {status} Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            : lists++ == 0 ? Answer("200 OK", Listed) : Answer($"{status} Error", $"<Error><Code>{code}</Code></Error>"));
        using var storage = S3Server.At(server.Address);

        var error = await Assert.ThrowsAsync<StorageException>(() => storage.StatAsync("a", default).AsTask());

        Assert.Equal(StorageErrorKind.Permanent, error.Kind);
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("301 Moved Permanently", "PermanentRedirect", "x-amz-bucket-region: eu-central-1", "lies in the region eu-central-1; set Region to it (301 PermanentRedirect)")]
    [InlineData("400 Bad Request", "AuthorizationHeaderMalformed", "x-amz-bucket-region: eu-central-1", "lies in the region eu-central-1; set Region to it")]
    [InlineData("301 Moved Permanently", "PermanentRedirect", "x-nothing: 1", "lies in another region; set Region to it")]
    [InlineData("301 Moved Permanently", "PermanentRedirect", "x-amz-bucket-region: <canary>", "lies in another region; set Region to it")]
    [InlineData("400 Bad Request", "ExpiredToken", "x-amz-bucket-region: eu-central-1", "the credentials have expired")] // It says so whatever is wrong.
    public async Task A_bucket_in_another_region_is_told_with_that_region_if_the_server_names_it(string status, string code, string header, string said)
    {
        using var server = new CannedServer(_ => Answer($"{status}\r\n{header}", $"<Error><Code>{code}</Code></Error>"));
        using var storage = S3Server.At(server.Address);
        var error = await Assert.ThrowsAsync<StorageException>(() => storage.ListAsync("", default).ToListAsync().AsTask());
        Assert.Equal(StorageErrorKind.Permanent, error.Kind);
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_a_transient_error()
    {
        string address;
        using (var server = new CannedServer(_ => ""))
            address = server.Address;
        using var storage = S3Server.At(address);
        var error = await Assert.ThrowsAsync<StorageException>(() => storage.StatAsync("a", default).AsTask());
        Assert.Equal((StorageErrorKind.Transient, "s3://checkpoints/run: no connection (ConnectionRefused); check the network and the endpoint if it stays so."), (error.Kind, error.Message));
        AssertNoSecret(error);
    }

    [Fact]
    public async Task A_server_that_falls_silent_is_a_transient_error_when_the_time_is_up()
    {
        using var silent = new CannedServer(_ => "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n<half", closes: false);
        using var storage = S3Server.At(silent.Address, TimeSpan.FromSeconds(1));
        var error = await Assert.ThrowsAsync<StorageException>(() => storage.StatAsync("a", default).AsTask());
        Assert.Equal((StorageErrorKind.Transient, "s3://checkpoints/run: nothing moved for 1 s (Timeout)."), (error.Kind, error.Message));
    }

    [Theory]
    [InlineData("Content-Range: bytes 0-7/8", "half", StorageErrorKind.Transient)] // The connection closes.
    [InlineData("Content-Range: bytes 8-15/16", "12345678", StorageErrorKind.Permanent)]
    [InlineData("X-Nothing: 0", "12345678", StorageErrorKind.Permanent)]
    public async Task A_body_that_is_not_what_was_asked_for_is_an_error(string header, string body, StorageErrorKind kind)
    {
        using var server = new CannedServer(request => request.Contains("list-type=2", StringComparison.Ordinal)
            ? Answer("200 OK", Listed)
            : $"HTTP/1.1 206 Partial Content\r\nContent-Length: 8\r\nETag: \"1\"\r\nConnection: close\r\n{header}\r\n\r\n{body}");
        using var storage = S3Server.At(server.Address);
        var error = await Assert.ThrowsAsync<StorageException>(() => storage.ReadAsync("a", header.StartsWith('X') ? 4 : 0, new byte[8], default).AsTask());
        Assert.Equal(kind, error.Kind);
        Assert.Equal(2, server.Requests.Count);
    }

    [Theory]
    [InlineData(16, StorageErrorKind.Transient)]
    [InlineData(4, StorageErrorKind.Permanent)] // The object has no more.
    public async Task A_short_answer_is_transient_unless_the_object_ends_there(int total, StorageErrorKind kind)
    {
        using var server = new CannedServer(request => request.Contains("list-type=2", StringComparison.Ordinal)
            ? Answer("200 OK", Listed)
            : $"HTTP/1.1 206 Partial Content\r\nContent-Length: 4\r\nContent-Range: bytes 0-3/{total}\r\nETag: \"1\"\r\nConnection: close\r\n\r\nhalf");
        using var storage = S3Server.At(server.Address);
        var error = await Assert.ThrowsAsync<StorageException>(() => storage.ReadAsync("a", 0, new byte[8], default).AsTask());
        Assert.Equal(kind, error.Kind);
    }

    [Fact]
    public async Task An_answer_of_unknown_length_is_not_taken_for_an_empty_object()
    {
        using var server = new CannedServer(request => request.Contains("list-type=2", StringComparison.Ordinal)
            ? Answer("200 OK", Listed)
            : "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nETag: \"1-1\"\r\nConnection: close\r\n\r\n4\r\nhalf\r\n0\r\n\r\n");
        using var storage = S3Server.At(server.Address);
        await Assert.ThrowsAsync<StorageException>(() => storage.ReadAllAsync("a", default).AsTask());
    }

    [Fact]
    public async Task That_nothing_is_there_any_more_which_could_be_unchanged_is_a_failed_condition()
    {
        using var server = new CannedServer(request => request.Contains("list-type=2", StringComparison.Ordinal)
            ? Answer("200 OK", Listed)
            : Answer("404 Not Found", "<Error><Code>NoSuchKey</Code></Error>"));
        using var storage = S3Server.At(server.Address);
        var error = await Assert.ThrowsAsync<StorageException>(() => storage.WriteAsync("a", new(new byte[1]), WriteCondition.IfUnchanged("1"), default).AsTask());
        Assert.Equal(StorageErrorKind.PreconditionFailed, error.Kind);
    }

    [Fact]
    public async Task An_upload_whose_end_is_answered_by_an_error_under_200_is_a_transient_error_and_aborted()
    {
        using var server = new CannedServer(request => request.Split(' ') switch
        {
            ["PUT", ..] => "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nETag: \"1\"\r\nConnection: close\r\n\r\n",
            ["POST", var target, ..] when target.Contains("uploads", StringComparison.Ordinal) => Answer("200 OK", "<InitiateMultipartUploadResult><UploadId>7</UploadId></InitiateMultipartUploadResult>"),
            ["POST", ..] => Answer("200 OK", "<Error><Code>InternalError</Code><Message>Try again.</Message></Error>"),
            ["DELETE", ..] => "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n",
            ["HEAD", ..] => "HTTP/1.1 200 OK\r\nContent-Length: 20\r\nETag: \"of the object before\"\r\nConnection: close\r\n\r\n",
            _ => Answer("200 OK", Listed),
        });
        using var storage = S3Server.At(server.Address);
        var error = await Assert.ThrowsAsync<StorageException>(() => storage.WriteAsync("a", new(new byte[PartPlan.SingleLength + 1]), WriteCondition.Always, default).AsTask());
        Assert.Equal(StorageErrorKind.Transient, error.Kind);
        Assert.StartsWith("DELETE /checkpoints/run/a?uploadId=7 ", server.Requests.Last(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, null, "eu-west-1")]
    [InlineData(null, "region", "eu-central-1")]
    [InlineData("us-west-2", "region", "us-west-2")]
    public async Task A_server_with_an_address_of_its_own_is_in_the_region_that_options_profile_or_environment_say(string? region, string? profile, string signed)
    {
        using var server = new CannedServer(_ => Answer("200 OK", Listed));
        using var storage = S3Server.At(server.Address, region: region, profile: profile);
        Assert.Empty(await storage.ListAsync("", default).ToListAsync());
        Assert.Contains($"/{signed}/s3/aws4_request", server.Requests.Last(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_bytes_of_a_small_object_are_a_transient_error()
    {
        using var server = new CannedServer(request => request.Contains("list-type=2", StringComparison.Ordinal)
            ? Answer("200 OK", Listed)
            : "HTTP/1.1 200 OK\r\nContent-Length: 7\r\nETag: \"1\"\r\nx-amz-meta-md5chksum: jXs9a4PApRfqwH4arJS3cw==\r\nConnection: close\r\n\r\nchanged");
        using var storage = S3Server.At(server.Address);
        var error = await Assert.ThrowsAsync<StorageException>(() => storage.ReadAllAsync("a", default).AsTask());
        Assert.Equal((StorageErrorKind.Transient, "'a' in s3://checkpoints/run: bytes were lost or changed on their way."), (error.Kind, error.Message));
    }

    [Theory]
    [InlineData("1", "")]
    [InlineData("version-of-my-own", "")]
    [InlineData("not hexadecimal", "")]
    [InlineData("632552748769458bd846df0395f04416", "")] // Of encrypted objects it looks like an MD5, and is none.
    [InlineData("1", "x-amz-meta-md5chksum: fE8pQHiTwzSmy3qHvwRcDQ==\r\n")]
    [InlineData("1", "x-amz-meta-md5chksum: another's note\r\n")]
    public async Task An_ETag_is_a_name_and_need_not_be_an_MD5(string etag, string more)
    {
        using var server = new CannedServer(request => request.Contains("list-type=2", StringComparison.Ordinal)
            ? Answer("200 OK", Listed)
            : $"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nETag: \"{etag}\"\r\n{more}Connection: close\r\n\r\nright");
        using var storage = S3Server.At(server.Address);
        var found = (await storage.ReadAllAsync("a", default))!;
        Assert.Equal((etag, "right"), (found.Info.ETag, System.Text.Encoding.ASCII.GetString(found.Content.Span)));
    }

    [Theory]
    [InlineData("nobody", "the AWS configuration files have no profile 'nobody'; add it to")]
    [InlineData("program", "no usable credentials in the profile 'program'; check it, or sign in again")]
    public async Task A_profile_without_usable_credentials_is_a_permanent_error_that_tells_no_secret(string profile, string said)
    {
        using var server = new CannedServer(_ => "");
        using var storage = new S3Storage(new() { Bucket = "checkpoints", Endpoint = server.Address, AllowHttp = true, Profile = profile });
        var error = await Assert.ThrowsAsync<StorageException>(() => storage.StatAsync("a", default).AsTask());
        Assert.Equal(StorageErrorKind.Permanent, error.Kind);
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
        Assert.Empty(server.Requests);
        AssertNoSecret(error);
    }

    [Fact]
    public async Task A_plain_endpoint_that_a_profile_names_is_refused_too()
    {
        using var storage = new S3Storage(new() { Bucket = "checkpoints", Profile = "endpoint" });
        var error = await Assert.ThrowsAsync<StorageException>(() => storage.StatAsync("a", default).AsTask());
        Assert.Equal(StorageErrorKind.Permanent, error.Kind);
        Assert.Contains("the endpoint http://127.0.0.1:9 is refused: it is a plain http:// address", error.Message, StringComparison.Ordinal);
    }

    private static void AssertNoSecret(Exception error)
    {
        Assert.Null(error.InnerException);
        foreach (var secret in S3Server.Canaries)
            Assert.DoesNotContain(secret, error.ToString(), StringComparison.OrdinalIgnoreCase);
    }

    private static string Answer(string status, string body) => $"HTTP/1.1 {status}\r\nContent-Length: {body.Length}\r\nContent-Type: application/xml\r\nConnection: close\r\n\r\n{body}";
}
