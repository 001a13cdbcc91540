using System.Runtime.CompilerServices;

namespace CoreSrl.EndToEnd.Tests.BadInput;

/// <summary>Buckets and containers that cannot be what was meant. Nothing is asked of any server.</summary>
public class StorageTests
{
    [Fact]
    public Task A_bucket_is_asked_for() => S3Async("");

    [Fact]
    public Task No_bucket_can_have_a_slash_in_its_name() => S3Async("Bucket=acme/runs");

    [Fact]
    public Task An_unknown_option_of_S3_suggests_the_nearest() => S3Async("Buckt=acme");

    [Fact]
    public Task S3_over_plain_http_must_be_allowed() => S3Async("Bucket=acme Endpoint=http://storage.example:9000");

    [Fact]
    public Task All_that_is_wrong_with_S3_is_told_at_once() => S3Async("Bucket=ab Region=Frankfurt Prefix=/runs Endpoint=storage.example:9000");

    [Fact]
    public Task A_URL_of_S3_and_a_bucket_beside_it_are_one_too_many() => S3Async("Url=s3://acme/runs Bucket=acme");

    [Fact]
    public Task A_URL_of_S3_names_a_bucket() => Refusal.CheckAsync("list --dir s3://");

    [Fact]
    public Task A_URL_of_S3_over_plain_http_must_allow_it() => Refusal.CheckAsync("train --dir s3://acme/runs?Endpoint=http://storage.example:9000");

    [Fact]
    public Task A_URL_of_S3_holds_no_credentials() => Refusal.CheckAsync("list --dir s3://canary:canary@acme/runs");

    [Fact]
    public Task A_URL_of_S3_knows_few_options() => Refusal.CheckAsync("backup --all --to s3://acme/runs?SecretKey=canary");

    [Fact]
    public Task A_URL_is_no_directory() => Refusal.CheckAsync("train --set Checkpoints:Directory=s3://acme/runs");

    [Fact]
    public Task A_container_is_asked_for() => AzureAsync("Account=acmemodels");

    [Fact]
    public Task An_account_is_asked_for() => AzureAsync("Container=runs");

    [Fact]
    public Task No_container_can_have_a_capital_in_its_name() => AzureAsync("Account=acmemodels Container=Runs");

    [Fact]
    public Task An_unknown_option_of_Azure_suggests_the_nearest() => AzureAsync("Account=acmemodels Contaner=runs");

    [Fact]
    public Task An_account_and_an_endpoint_of_another_contradict_each_other() => AzureAsync("Account=acmemodels Endpoint=https://others.blob.core.windows.net Container=runs");

    [Fact]
    public Task Azure_over_plain_http_must_be_allowed() => AzureAsync("Endpoint=http://storage.example:10000/acmemodels Container=runs");

    [Fact]
    public Task A_connection_string_that_is_none_is_told_without_it() =>
        AzureAsync("Container=runs", connectionString: "AccountName=canary;AccountKey");

    [Fact]
    public Task A_URL_of_Azure_names_account_and_container() => Refusal.CheckAsync("list --dir azure://acmemodels", environment: Connection(""));

    [Fact]
    public Task A_URL_of_Azure_knows_few_options() => Refusal.CheckAsync("list --dir azure://acmemodels/runs?sig=canary", environment: Connection(""));

    private static Task S3Async(string options, [CallerMemberName] string test = "") => StorageAsync("s3", options, null, test);

    private static Task AzureAsync(string options, string connectionString = "", [CallerMemberName] string test = "") =>
        StorageAsync("azure", options, Connection(connectionString), test);

    private static Task StorageAsync(string name, string options, Dictionary<string, string>? environment, string test) => Refusal.CheckAsync(
        string.Join(" --set Checkpoints:Storage:", [$"train --json --set Checkpoints:Storage:Use={name}", .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)]),
        environment: environment,
        test: test);

    private static Dictionary<string, string> Connection(string text) => new() { ["AZURE_STORAGE_CONNECTION_STRING"] = text };
}
