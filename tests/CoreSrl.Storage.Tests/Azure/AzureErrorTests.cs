using CoreSrl.Abstractions;
using CoreSrl.Plugins.AzureStorage;
using CoreSrl.Storage.Tests.Servers;

namespace CoreSrl.Storage.Tests.Azure;

public sealed class AzureErrorTests
{
    // "canary-account-key", and a signature: neither may be seen anywhere.
    private const string Key = "Y2FuYXJ5LWFjY291bnQta2V5";
    private const string Signature = "canarysignature";

    [Theory]
    [InlineData(404, "BlobNotFound", StorageErrorKind.NotFound, "there is no such object")]
    [InlineData(404, "ContainerNotFound", StorageErrorKind.Permanent, "the container 'checkpoints' does not exist; create it, choose another, or set \"Create\": true")]
    [InlineData(409, "BlobAlreadyExists", StorageErrorKind.PreconditionFailed, "another was there first")]
    [InlineData(412, "ConditionNotMet", StorageErrorKind.PreconditionFailed, "another was there first")]
    [InlineData(412, "LeaseIdMissing", StorageErrorKind.Permanent, "another program holds a lease on it")]
    [InlineData(403, "AuthenticationFailed", StorageErrorKind.Permanent, "check them, whether they have expired, and this machine's clock")]
    [InlineData(403, "AuthorizationPermissionMismatch", StorageErrorKind.Permanent, "Storage Blob Data Contributor")]
    [InlineData(403, "AuthorizationFailure", StorageErrorKind.Permanent, "the account's firewall keeps this machine out")]
    [InlineData(403, "KeyBasedAuthenticationNotPermitted", StorageErrorKind.Permanent, "without AZURE_STORAGE_CONNECTION_STRING the identity signs in")]
    [InlineData(409, "ContainerBeingDeleted", StorageErrorKind.Transient, "the server could not do it now")]
    [InlineData(503, "ServerBusy", StorageErrorKind.Transient, "the server could not do it now")]
    [InlineData(500, "InternalError", StorageErrorKind.Transient, "the server could not do it now")]
    [InlineData(500, "OperationTimedOut", StorageErrorKind.Transient, "the server could not do it now")]
    [InlineData(408, "", StorageErrorKind.Transient, "the server could not do it now")]
    [InlineData(429, "TooManyRequests", StorageErrorKind.Transient, "the server could not do it now")]
    [InlineData(502, "", StorageErrorKind.Transient, "the server could not do it now")]
    [InlineData(400, "Md5Mismatch", StorageErrorKind.Transient, "bytes were lost or changed on their way")]
    [InlineData(400, "InvalidOperation", StorageErrorKind.Transient, "bytes were lost or changed on their way")]
    [InlineData(409, "InvalidBlobType", StorageErrorKind.Permanent, "a blob of another kind")]
    [InlineData(409, "BlobImmutableDueToPolicy", StorageErrorKind.Permanent, "a policy makes it immutable")]
    [InlineData(507, "", StorageErrorKind.Permanent, "no space or quota is left")]
    [InlineData(400, "Unheard-of", StorageErrorKind.Permanent, "the server refuses the request (400 Unheard-of, request 7)")]
    public async Task An_answer_is_an_error_of_its_class_after_one_attempt_and_tells_no_secret(int status, string code, StorageErrorKind kind, string said)
    {
        // It repeats what was sent, as servers do that explain a wrong signature.
        using var server = new CannedServer(request => Answer($"{status} Error", $"x-ms-error-code: {code}\r\nx-ms-request-id: 7\r\n", $"<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>{Key} {Signature} {Escaped(request)}</Message></Error>"));
        foreach (var credentials in new[] { $"AccountName=srltest;AccountKey={Key}", $"SharedAccessSignature=sv=2025-11-05&sig={Signature}" })
        {
            using var storage = AzureStorage.Through(
                $"{credentials};BlobEndpoint={server.Address}/srltest", new() { Container = "checkpoints", Prefix = "run", AllowHttp = true });
            var before = server.Requests.Count;
            var error = await Assert.ThrowsAsync<StorageException>(() => storage.WriteAsync("a/b", new(new byte[3]), WriteCondition.Always, default).AsTask());
            Assert.Equal(kind, error.Kind);
            Assert.Equal("a/b", error.Key);
            Assert.StartsWith("'a/b' in azure://srltest/checkpoints/run: ", error.Message, StringComparison.Ordinal);
            Assert.Contains(said, error.Message, StringComparison.Ordinal);
            Assert.Equal(1, server.Requests.Count - before);
            AssertNoSecret(error);
        }
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_a_transient_error()
    {
        string address;
        using (var server = new CannedServer(_ => ""))
            address = server.Address;
        using var storage = AzureStorage.Through($"AccountName=srltest;AccountKey={Key};BlobEndpoint={address}/srltest", new() { Container = "checkpoints", AllowHttp = true });
        var error = await Assert.ThrowsAsync<StorageException>(() => storage.StatAsync("a", default).AsTask());
        Assert.Equal(StorageErrorKind.Transient, error.Kind);
        Assert.Equal("'a' in azure://srltest/checkpoints: no connection (ConnectionRefused); check the network, and the account's name, if it stays so.", error.Message);
        AssertNoSecret(error);
    }

    [Fact]
    public async Task A_server_that_says_nothing_is_a_transient_error_when_the_time_is_up()
    {
        using var silent = new SilentServer();
        using var storage = AzureStorage.Through(
            $"AccountName=srltest;AccountKey={Key};BlobEndpoint={silent.Address}/srltest", new() { Container = "checkpoints", AllowHttp = true, Timeout = TimeSpan.FromSeconds(1) });
        var error = await Assert.ThrowsAsync<StorageException>(() => storage.StatAsync("a", default).AsTask());
        Assert.Equal(StorageErrorKind.Transient, error.Kind);
        Assert.Equal("'a' in azure://srltest/checkpoints: nothing moved for 1 s (Timeout).", error.Message);
    }

    [Theory]
    [InlineData("connection closes")]
    [InlineData("another range")]
    public async Task A_body_that_is_not_whole_is_a_transient_error_after_one_attempt(string how)
    {
        using var server = new CannedServer(_ => how == "connection closes"
            ? "HTTP/1.1 206 Partial Content\r\nContent-Length: 8\r\nContent-Range: bytes 0-7/8\r\nETag: \"1\"\r\nLast-Modified: Wed, 25 Nov 2026 01:00:00 GMT\r\nx-ms-blob-type: BlockBlob\r\n\r\nhalf"
            : Answer("206 Partial Content", "Content-Range: bytes 8-15/16\r\nETag: \"1\"\r\nLast-Modified: Wed, 25 Nov 2026 01:00:00 GMT\r\nx-ms-blob-type: BlockBlob\r\n", "12345678"));
        using var storage = AzureStorage.Through($"AccountName=srltest;AccountKey={Key};BlobEndpoint={server.Address}/srltest", new() { Container = "checkpoints", AllowHttp = true });
        var error = await Assert.ThrowsAsync<StorageException>(() => storage.ReadAsync("a", 0, new byte[8], default).AsTask());
        Assert.Equal(StorageErrorKind.Transient, error.Kind);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Wrong_bytes_of_a_small_object_are_a_transient_error()
    {
        var md5 = "YyVSdKVpRYvYRt8DlfBEFg==";
        using var server = new CannedServer(_ => Answer("200 OK", $"Content-MD5: {md5}\r\nETag: \"1\"\r\nLast-Modified: Wed, 25 Nov 2026 01:00:00 GMT\r\nx-ms-blob-type: BlockBlob\r\n", "changed"));
        using var storage = AzureStorage.Through($"AccountName=srltest;AccountKey={Key};BlobEndpoint={server.Address}/srltest", new() { Container = "checkpoints", AllowHttp = true });
        var error = await Assert.ThrowsAsync<StorageException>(() => storage.ReadAllAsync("a", default).AsTask());
        Assert.Equal((StorageErrorKind.Transient, "'a' in azure://srltest/checkpoints: bytes were lost or changed on their way."), (error.Kind, error.Message));
    }

    [AzureFact]
    public async Task A_wrong_key_is_a_permanent_error_that_tells_no_secret()
    {
        var wrong = string.Join(';', TestServer.Azure.Address.Split(';').Select(part => part.StartsWith("AccountKey=", StringComparison.Ordinal) ? $"AccountKey={Key}" : part));
        using var storage = AzureStorage.Through(wrong, new() { Container = Container.Name, AllowHttp = true });
        foreach (var call in new Func<Task>[]
        {
            () => storage.StatAsync("a", default).AsTask(),
            () => storage.ReadAsync("a", 0, new byte[1], default).AsTask(),
            () => storage.WriteAsync("a", new(new byte[1]), WriteCondition.IfAbsent, default).AsTask(),
            () => storage.WriteAsync("a", new(new byte[9 << 20]), WriteCondition.Always, default).AsTask(),
            () => storage.DeleteAsync("a", default).AsTask(),
            async () => await storage.ListAsync("", default).GetAsyncEnumerator().MoveNextAsync(),
            async () => await storage.ListFoldersAsync("", default).GetAsyncEnumerator().MoveNextAsync(),
        })
        {
            var error = await Assert.ThrowsAsync<StorageException>(call);
            Assert.Equal(StorageErrorKind.Permanent, error.Kind);
            Assert.Contains("credentials", error.Message, StringComparison.Ordinal);
            AssertNoSecret(error);
        }
    }

    private static void AssertNoSecret(Exception error)
    {
        Assert.Null(error.InnerException);
        foreach (var secret in new[] { Key, Signature, "SharedKey" })
            Assert.DoesNotContain(secret, error.ToString(), StringComparison.Ordinal);
    }

    private static string Answer(string status, string headers, string body) => $"HTTP/1.1 {status}\r\nContent-Length: {body.Length}\r\nContent-Type: application/xml\r\nConnection: close\r\n{headers}\r\n{body}";

    private static string Escaped(string text) => System.Security.SecurityElement.Escape(text);

    /// <summary>Takes connections and never answers.</summary>
    private sealed class SilentServer : IDisposable
    {
        private readonly System.Net.Sockets.TcpListener _listener = new(System.Net.IPAddress.Loopback, 0);

        public SilentServer() => _listener.Start();

        public string Address => $"http://{_listener.LocalEndpoint}";

        public void Dispose() => _listener.Dispose();
    }
}
