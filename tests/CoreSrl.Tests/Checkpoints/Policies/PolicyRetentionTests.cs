using CoreSrl.Abstractions;
using CoreSrl.Checkpoints.Policies;
using CoreSrl.Plugins.ConditionalBest;
using CoreSrl.Tests.Fakes;
using Microsoft.Extensions.Logging.Abstractions;

namespace CoreSrl.Tests.Checkpoints.Policies;

/// <summary>The engine does what a policy says about what stays, when it is safe, and to no other run.</summary>
public sealed class PolicyRetentionTests
{
    public static TheoryData<string, string> Policies => new()
    {
        { "keep-last", "6 5" },
        { "keep-best", "6 5 4" },
        { "keep-every", "6 4 2" },
        { "keep-younger", "6 5 4" },
        { "keep-under-bytes", "6" },
        { "conditional-best", "6 5" },
        { "any-of", "6 5 4 2" },
        { "all-of", "6 5 3" },
    };

    [Theory]
    [MemberData(nameof(Policies))]
    public async Task What_no_policy_keeps_goes_once_the_new_one_is_durable_and_another_runs_never(string name, string left)
    {
        var storage = new FaultyStorage(new MemoryStorage());
        await using (var earlier = await Bench.OpenAsync(storage))
        {
            for (var episode = 1; episode <= 3; episode++)
                await earlier.SaveAsync(episode, "an earlier run");
        }

        await using var bench = await Bench.OpenAsync(storage, maxCheckpoints: 1, policies: Policy(name));
        bench.Clock.Now += TimeSpan.FromMinutes(1);
        for (var episode = 1; episode <= 6; episode++)
            await bench.SaveAsync(episode, tags: episode % 2 == 1 ? ["best", "best:avg_reward"] : []);

        Assert.Equal(left, string.Join(' ', bench.Store.Checkpoints.Where(saved => saved.RunId == "run").Select(saved => saved.Episode)));
        Assert.Equal([3, 2, 1], bench.Store.Checkpoints.Where(saved => saved.RunId == "an earlier run").Select(saved => saved.Episode));
        foreach (var id in bench.Ids)
            await Bench.RestoreAsync(bench.Store, id);

        // Of each removal: the checkpoint that made room for it is of a later episode, and was there.
        long newest = 0;
        foreach (var change in storage.Changes.Where(change => change.EndsWith("/metadata.json", StringComparison.Ordinal)))
        {
            var episode = long.Parse(change.Split("_ep_")[1].Split('_')[0]);
            if (change.StartsWith("delete ", StringComparison.Ordinal))
                Assert.True(episode < newest, change);
            else
                newest = episode;
        }
    }

    private static ICheckpointPolicy Policy(string name) => name switch
    {
        "keep-last" => new KeepLastPolicy(new() { Count = 2 }),
        "keep-best" => new KeepBestPolicy(new() { Metric = "avg_reward", Count = 3 }),
        "keep-every" => new KeepEveryPolicy(new() { Episodes = 2 }),
        "keep-younger" => new KeepYoungerPolicy(new() { Age = TimeSpan.FromSeconds(3) }),
        "keep-under-bytes" => new KeepUnderBytesPolicy(new() { Bytes = 1 }),
        "conditional-best" => Best(keep: 1),
        "any-of" => new AnyOfPolicy([new KeepEveryPolicy(new() { Episodes = 2 }), new AnyOfPolicy([new KeepLastPolicy(new() { Count = 2 })])]),
        _ => new AllOfPolicy([new IntervalPolicy(new() { Episodes = 2 }), Best(keep: 2)]),
    };

    private static ConditionalBest Best(int keep) => new(new() { Metric = "avg_reward", Keep = keep }, NullLogger<ConditionalBest>.Instance);
}
