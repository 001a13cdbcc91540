using System.ComponentModel.DataAnnotations;
using CoreSrl.Plugins.AzureStorage;

namespace CoreSrl.Storage.Tests.Azure;

public sealed class AzureOptionsTests
{
    private const string Local = "AccountName=srltest;AccountKey=Y2FuYXJ5;BlobEndpoint=http://127.0.0.1:10000/srltest";

    [Theory]
    [InlineData("azure://account/container", "azure://account/container", "https://account.blob.core.windows.net/")]
    [InlineData("azure://account/container/runs/first/", "azure://account/container/runs/first", "https://account.blob.core.windows.net/")]
    [InlineData("AZURE://account/container/a%20b", "azure://account/container/a%20b", "https://account.blob.core.windows.net/")]
    [InlineData("azure://account/container?endpoint=https://account.blob.core.chinacloudapi.cn", "azure://account/container", "https://account.blob.core.chinacloudapi.cn/")]
    [InlineData("azure://account/container/p?Endpoint=https%3A%2F%2Fmodels.example&Create=true", "azure://account/container/p", "https://models.example/")]
    public void A_URL_names_a_place(string url, string location, string service)
    {
        var place = AzurePlace.Read(new() { Url = url }, null, out var problems);
        Assert.Empty(problems);
        Assert.Equal((location, service), (place.Location, place.Service.AbsoluteUri));
    }

    [Fact]
    public void A_connection_string_says_the_account()
    {
        var place = AzurePlace.Read(new() { Container = "checkpoints", AllowHttp = true }, Local, out var problems);
        Assert.Empty(problems);
        Assert.Equal("azure://srltest/checkpoints", place.Location);
    }

    [Fact]
    public void A_signature_in_a_connection_string_is_no_part_of_the_place()
    {
        var place = AzurePlace.Read(
            new() { Container = "checkpoints" }, "BlobEndpoint=https://account.blob.core.windows.net/;SharedAccessSignature=sv=2025-11-05&sig=canary", out var problems);
        Assert.Empty(problems);
        Assert.Equal("azure://account/checkpoints", place.Location);
        Assert.DoesNotContain("canary", place.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "", "Container", "the name of a container is required")]
    [InlineData("Container=checkpoints", "", "", "no storage account is known; set Account or Endpoint, or AZURE_STORAGE_CONNECTION_STRING in the environment")]
    [InlineData("Container=Check_Points;Account=account", "", "Container", "no container can have this name")]
    [InlineData("Container=a--b;Account=account", "", "Container", "no container can have this name")]
    [InlineData("Container=checkpoints;Account=My-Account", "", "Account", "no account can have this name")]
    [InlineData("Container=checkpoints;Account=account;Prefix=a/../b", "", "Prefix", "it has the part '..'")]
    [InlineData("Container=checkpoints;Account=account;Prefix=/a", "", "Prefix", "it has an empty part")]
    [InlineData("Container=checkpoints;Endpoint=account.blob.core.windows.net", "", "Endpoint", "it must be an address such as")]
    [InlineData("Container=checkpoints;Endpoint=https://account.blob.core.windows.net/?sig=canary", "", "Endpoint", "without user, password or query")]
    [InlineData("Container=checkpoints;Endpoint=https://user:canary@models.example", "", "Endpoint", "without user, password or query")]
    [InlineData("Container=checkpoints;Endpoint=http://account.blob.core.windows.net", "", "Endpoint", "http://account.blob.core.windows.net is a plain http:// address, where everybody on the way can read along; use https://, or say \"AllowHttp\": true")]
    [InlineData("Container=checkpoints;Endpoint=http://127.0.0.1:10000/srltest;AllowHttp=true", "", "Endpoint", "nobody signs in over plain http://")]
    [InlineData("Container=checkpoints;Account=other;Endpoint=https://account.blob.core.windows.net", "", "Endpoint", "it is the address of the account 'account', but Account is 'other'; leave one of them out")]
    [InlineData("Container=checkpoints", Local, "Account", "http://127.0.0.1:10000/srltest is a plain http:// address")]
    [InlineData("Container=checkpoints;Account=other;AllowHttp=true", Local, "Account", "AZURE_STORAGE_CONNECTION_STRING is about the account 'srltest', not 'other'")]
    [InlineData("Container=checkpoints;Endpoint=https://models.example;AllowHttp=true", Local, "Endpoint", "AZURE_STORAGE_CONNECTION_STRING is about http://127.0.0.1:10000/srltest; change one of them, or leave this out")]
    [InlineData("Container=checkpoints;Account=account", "canary", "", "the environment variable AZURE_STORAGE_CONNECTION_STRING holds no connection string of a storage account")]
    [InlineData("Container=checkpoints;Account=account", "AccountName=account;AccountKey=canary", "", "the environment variable AZURE_STORAGE_CONNECTION_STRING holds no connection string")]
    [InlineData("Container=checkpoints", "AccountName=account;AccountKey=Y2FuYXJ5;BlobEndpoint=https://user:canary@models.example", "", "the environment variable AZURE_STORAGE_CONNECTION_STRING holds no connection string")]
    [InlineData("Url=azure://account/container;Container=other", "", "Url", "the URL says the place as a whole; leave Container out")]
    [InlineData("Url=azure://account/container;Prefix=other", "", "Url", "the URL says the place as a whole; leave Prefix out")]
    [InlineData("Url=azure://account/container?AllowHttp=true;AllowHttp=true", "", "Url", "AllowHttp is said in the URL and beside it; say it once")]
    [InlineData("Url=azure://account/container?AllowHttp=perhaps", "", "Url", "AllowHttp must be true or false")]
    [InlineData("Url=azure://account/container?sig=canary", "", "Url", "behind its '?' may stand Endpoint, AllowHttp and Create, each once as Name=value, and nothing else")]
    [InlineData("Url=azure://account/container?canary", "", "Url", "behind its '?' may stand")]
    [InlineData("Url=azure://user:canary@account/container", "", "Url", "no user or password belongs in it")]
    [InlineData("Url=azure://account", "", "Url", "it must be like azure://account/container/prefix")]
    [InlineData("Url=azure:///container", "", "Url", "no account can have this name")]
    [InlineData("Url=canary", "", "Url", "it must be like azure://account/container/prefix")]
    public void A_wrong_option_is_told_without_a_secret(string options, string connectionString, string member, string said)
    {
        AzurePlace.Read(OptionsOf(options), connectionString.Length == 0 ? null : connectionString, out var problems);
        Assert.Contains(problems, problem => (problem.MemberNames.FirstOrDefault() ?? "") == member && problem.ErrorMessage!.Contains(said, StringComparison.Ordinal));
        Assert.All(problems, problem => Assert.DoesNotContain("canary", problem.ErrorMessage!, StringComparison.OrdinalIgnoreCase));
        Assert.All(problems, problem => Assert.DoesNotContain("Y2FuYXJ5", problem.ErrorMessage!, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0, 60, "Parallelism")]
    [InlineData(65, 60, "Parallelism")]
    [InlineData(8, 0.5, "Timeout")]
    [InlineData(8, 3601, "Timeout")]
    public void A_number_out_of_range_is_refused(int parallelism, double timeout, string member)
    {
        var options = new AzureStorageOptions { Url = "azure://account/container", Parallelism = parallelism, Timeout = TimeSpan.FromSeconds(timeout) };
        var problems = new List<ValidationResult>();
        Assert.False(Validator.TryValidateObject(options, new(options), problems, validateAllProperties: true));
        Assert.Equal([member], Assert.Single(problems).MemberNames);
    }

    [Fact]
    public void Creating_one_asks_nothing_of_the_network()
    {
        using var storage = AzureStorage.Through("AccountName=none;AccountKey=Y2FuYXJ5;BlobEndpoint=https://none.invalid", new() { Container = "checkpoints" });
        Assert.Equal("azure://none.invalid/checkpoints", storage.Location);
    }

    [Theory]
    [InlineData(1, 8)]
    [InlineData(8L << 20, 8)]
    [InlineData(50_000L * (8 << 20), 8)]
    [InlineData((50_000L * (8 << 20)) + 1, 9)]
    [InlineData(1L << 40, 21)]
    [InlineData(BlockPlan.MaxObjectLength, 1024)]
    public void Blocks_grow_with_the_object_so_that_fifty_thousand_are_enough(long length, int mebibytes)
    {
        var block = BlockPlan.BlockLength(length);
        Assert.Equal((long)mebibytes << 20, block);
        Assert.InRange((length + block - 1) / block, 1, 50_000);
    }

    private static AzureStorageOptions OptionsOf(string text)
    {
        var values = text.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(part => part.Split('=', 2)).ToDictionary(part => part[0], part => part[1]);
        return new()
        {
            Account = values.GetValueOrDefault("Account"),
            Endpoint = values.GetValueOrDefault("Endpoint"),
            Container = values.GetValueOrDefault("Container"),
            Prefix = values.GetValueOrDefault("Prefix"),
            Url = values.GetValueOrDefault("Url"),
            AllowHttp = values.ContainsKey("AllowHttp"),
        };
    }
}
