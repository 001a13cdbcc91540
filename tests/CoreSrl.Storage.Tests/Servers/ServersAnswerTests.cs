namespace CoreSrl.Storage.Tests.Servers;

public sealed class ServersAnswerTests
{
    private static readonly HttpClient Client = new();

    [S3Fact]
    public async Task The_S3_server_asks_who_is_there()
    {
        using var answer = await Client.GetAsync(new Uri(TestServer.S3.Address));
        Assert.Contains("ListAllMyBucketsResult", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [AzureFact]
    public async Task The_Azure_server_asks_who_is_there()
    {
        var endpoint = TestServer.Azure.Address.Split(';').Single(part => part.StartsWith("BlobEndpoint=", StringComparison.Ordinal));
        using var answer = await Client.GetAsync(new Uri(endpoint["BlobEndpoint=".Length..] + "?comp=list"));
        Assert.Equal(System.Net.HttpStatusCode.Forbidden, answer.StatusCode);
    }
}
