namespace CoreSrl.EndToEnd.Tests.Guide;

/// <summary>"Retention Policy": what of eight checkpoints is left at the end; the last is final, and not counted.</summary>
public sealed class RetentionPolicyTests
{
    [Theory]
    [InlineData(-1, "1 2 3 4 5 6 7 8")]
    [InlineData(1, "7 8")]
    [InlineData(5, "3 4 5 6 7 8")]
    public Task The_newest_so_many_stay(int maximum, string left) => CheckAsync(maximum, "", left);

    [Theory]
    [InlineData("""{ "Use": "keep-last", "Count": 3 }""", "5 6 7 8")]
    [InlineData("""{ "Use": "keep-every", "Episodes": 3 }""", "3 6 7 8")]
    [InlineData("""{ "Use": "keep-younger", "Age": "01:00:00" }""", "1 2 3 4 5 6 7 8")]
    [InlineData("""{ "Use": "keep-under-bytes", "Bytes": 1 }, { "Use": "keep-younger", "Age": "00:00:00.0000001" }""", "7 8")]
    [InlineData("""{ "Use": "keep-best", "Metric": "environment_steps", "Mode": "min", "Count": 2 }""", "1 2 7 8")]
    [InlineData("""{ "Use": "any-of", "Policies": [ { "Use": "keep-every", "Episodes": 4 }, { "Use": "any-of", "Policies": [ { "Use": "keep-best", "Metric": "environment_steps", "Mode": "min" } ] } ] }""", "1 4 7 8")]
    public Task What_a_policy_keeps_stays_beside_the_newest(string policies, string left) => CheckAsync(1, policies, left);

    private static async Task CheckAsync(int maximum, string policies, string left)
    {
        using var run = new GuideRun(8, $""" "SaveInterval": 1, "MaxCheckpoints": {maximum}, "Policies": [ {policies} ] """);
        await run.TrainAsync();
        Assert.Equal(left, run.Episodes);
    }
}
