using System.ComponentModel.DataAnnotations;
using CoreSrl.Plugins.S3Storage;

namespace CoreSrl.Storage.Tests.S3;

public sealed class S3OptionsTests
{
    [Theory]
    [InlineData("s3://bucket", "s3://bucket", null, null)]
    [InlineData("s3://bucket/", "s3://bucket", null, null)]
    [InlineData("s3://bucket/runs/first/", "s3://bucket/runs/first", null, null)]
    [InlineData("S3://Old_Bucket/a%20b", "s3://Old_Bucket/a%20b", null, null)]
    [InlineData("s3://bucket/user@example.org", "s3://bucket/user@example.org", null, null)]
    [InlineData("s3://bucket?region=eu-central-1", "s3://bucket", "eu-central-1", null)]
    [InlineData("s3://bucket/a?Endpoint=http://127.0.0.1:7480&AllowHttp=true", "s3://bucket/a", null, "http://127.0.0.1:7480/")]
    [InlineData("s3://bucket/a?Endpoint=https%3A%2F%2Fstorage.example%3A9000&Create=true&Profile=backup", "s3://bucket/a", null, "https://storage.example:9000/")]
    public void A_URL_names_a_place(string url, string location, string? region, string? endpoint)
    {
        var place = S3Place.Read(new() { Url = url }, out var problems);
        Assert.Empty(problems);
        Assert.Equal((location, region, endpoint), (place.Location, place.Region, place.Endpoint?.AbsoluteUri));
    }

    [Theory]
    [InlineData("", "Bucket", "the name of a bucket is required")]
    [InlineData("Bucket=a/b", "Bucket", "no bucket can have this name")]
    [InlineData("Bucket=ab", "Bucket", "no bucket can have this name")]
    [InlineData("Bucket=bucket--use1-az4--x-s3", "Bucket", "a directory bucket lists its objects in no order")]
    [InlineData("Bucket=bucket;Region=eu-central-1.evil.example", "Region", "no region has this name")]
    [InlineData("Bucket=bucket;Prefix=a/../b", "Prefix", "it has the part '..'")]
    [InlineData("Bucket=bucket;Prefix=/a", "Prefix", "it has an empty part")]
    [InlineData("Bucket=bucket;Endpoint=storage.example", "Endpoint", "it must be an address such as")]
    [InlineData("Bucket=bucket;Endpoint=ftp://storage.example", "Endpoint", "it must be an address such as")]
    [InlineData("Bucket=bucket;Endpoint=https://user:canary@storage.example", "Endpoint", "without user, password or query")]
    [InlineData("Bucket=bucket;Endpoint=https://storage.example/?key=canary", "Endpoint", "without user, password or query")]
    [InlineData("Bucket=bucket;Endpoint=http://storage.example", "Endpoint", "it is a plain http:// address, where everybody on the way can read along; use https://, or say \"AllowHttp\": true")]
    [InlineData("Url=s3://bucket?Endpoint=http://storage.example", "Url", "it is a plain http:// address")]
    [InlineData("Url=s3://bucket;Bucket=other", "Url", "the URL says the place as a whole; leave Bucket out")]
    [InlineData("Url=s3://bucket;Prefix=other", "Url", "the URL says the place as a whole; leave Prefix out")]
    [InlineData("Url=s3://bucket?AllowHttp=true;AllowHttp=true", "Url", "AllowHttp is said in the URL and beside it; say it once")]
    [InlineData("Url=s3://bucket?Create=perhaps", "Url", "Create must be true or false")]
    [InlineData("Url=s3://bucket?secret_key=canary", "Url", "behind its '?' may stand Region, Endpoint, Profile, AllowHttp, Create, each once as Name=value, and nothing else")]
    [InlineData("Url=s3://bucket?canary", "Url", "behind its '?' may stand")]
    [InlineData("Url=s3://bucket?Region=eu-central-1&Region=canary", "Url", "behind its '?' may stand")]
    [InlineData("Url=s3://user:canary@bucket/prefix", "Url", "no user or password belongs in it")]
    [InlineData("Url=s3:///prefix", "Url", "it names no bucket; it must be like s3://bucket/prefix")]
    [InlineData("Url=s3://", "Url", "it names no bucket")]
    [InlineData("Url=s3://?Region=eu-central-1", "Url", "it names no bucket")]
    [InlineData("Url=canary", "Url", "it must begin with s3://")]
    public void A_wrong_option_is_told_without_a_secret(string options, string member, string said)
    {
        S3Place.Read(OptionsOf(options), out var problems);
        Assert.Contains(problems, problem => problem.MemberNames.Single() == member && problem.ErrorMessage!.Contains(said, StringComparison.Ordinal));
        Assert.All(problems, problem => Assert.DoesNotContain("canary", problem.ErrorMessage!, StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData(0, 60, "Parallelism")]
    [InlineData(65, 60, "Parallelism")]
    [InlineData(8, 0.5, "Timeout")]
    [InlineData(8, 3601, "Timeout")]
    public void A_number_out_of_range_is_refused(int parallelism, double timeout, string member)
    {
        var options = new S3StorageOptions { Url = "s3://bucket", Parallelism = parallelism, Timeout = TimeSpan.FromSeconds(timeout) };
        var problems = new List<ValidationResult>();
        Assert.False(Validator.TryValidateObject(options, new(options), problems, validateAllProperties: true));
        Assert.Equal([member], Assert.Single(problems).MemberNames);
    }

    [Fact]
    public void Creating_one_asks_nothing_of_the_network()
    {
        using var storage = new S3Storage(new() { Bucket = "bucket", Endpoint = "https://none.invalid", Profile = "canary" });
        Assert.Equal("s3://bucket", storage.Location);
    }

    [Theory]
    [InlineData(1, 8)]
    [InlineData(10_000L * (8 << 20), 8)]
    [InlineData((10_000L * (8 << 20)) + 1, 9)]
    [InlineData(1L << 40, 105)]
    [InlineData(PartPlan.MaxObjectLength, 525)]
    public void Parts_grow_with_the_object_so_that_ten_thousand_are_enough(long length, int mebibytes)
    {
        var part = PartPlan.PartLength(length);
        Assert.Equal(mebibytes << 20, part);
        Assert.InRange((length + part - 1) / part, 1, 10_000);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_listing_in_the_order_of_UTF8_is_brought_into_the_ordinal_one(int seed)
    {
        var random = new Random(seed);
        string[] letters = ["a", "b", "/", "\uD7FF", "\uE000", "\uFF21", "\U00010000", "\U0001F600"];
        var names = Enumerable.Range(0, 2000).Select(_ => string.Concat(Enumerable.Range(0, random.Next(1, 7)).Select(_ => letters[random.Next(letters.Length)]))).Distinct().ToList();
        var utf8 = names.OrderBy(name => Convert.ToHexString(System.Text.Encoding.UTF8.GetBytes(name)), StringComparer.Ordinal);

        var restored = await OrdinalOrder.RestoreAsync(utf8.ToAsyncEnumerable(), name => name, default).ToListAsync();

        Assert.Equal(names.Order(StringComparer.Ordinal), restored);
    }

    private static S3StorageOptions OptionsOf(string text)
    {
        var values = text.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(part => part.Split('=', 2)).ToDictionary(part => part[0], part => part[1]);
        return new()
        {
            Bucket = values.GetValueOrDefault("Bucket"),
            Prefix = values.GetValueOrDefault("Prefix"),
            Region = values.GetValueOrDefault("Region"),
            Endpoint = values.GetValueOrDefault("Endpoint"),
            Url = values.GetValueOrDefault("Url"),
            AllowHttp = values.ContainsKey("AllowHttp"),
        };
    }
}
