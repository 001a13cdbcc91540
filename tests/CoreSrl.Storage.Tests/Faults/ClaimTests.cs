using System.Buffers;
using CoreSrl.Abstractions;
using CoreSrl.Checkpoints;
using CoreSrl.Storage.Tests.Conformance;
using CoreSrl.Storage.Tests.Servers;
using CoreSrl.Tests.Fakes;

namespace CoreSrl.Storage.Tests.Faults;

/// <summary>One writer to a directory, across machines.</summary>
public sealed class ClaimTests
{
    [S3Fact]
    public Task On_S3_a_second_writer_is_refused_takes_over_after_a_minutes_silence_and_fences_the_first() => FenceAsync(Store.S3);

    [AzureFact]
    public Task On_Azure_a_second_writer_is_refused_takes_over_after_a_minutes_silence_and_fences_the_first() => FenceAsync(Store.Azure);

    private static async Task FenceAsync(Store store)
    {
        var (folder, loop) = (Store.NewFolder(), new Loop());
        var options = new CheckpointManagerOptions { RunName = "loop", MaxCheckpoints = -1 };
        var held = new HeldCommit(Open());
        var first = await CheckpointManager.OpenAsync(new AnothersStorage(held, AnothersStorage.Elsewhere("first")), options);
        loop.Reach(1);
        var durable = (await (await first.SaveAsync(1, null, loop.State))).Id;
        await first.FlushAsync();

        var refused = await Assert.ThrowsAsync<DirectoryInUseException>(() => CheckpointManager.OpenAsync(new AnothersStorage(Open(), AnothersStorage.Elsewhere("second")), options));
        Assert.Contains("process 4711 on host 'first'", refused.Message, StringComparison.Ordinal);
        Assert.Contains("If that process has died, try again in", refused.Message, StringComparison.Ordinal);

        // The first falls asleep on the point of committing, and a minute passes on the server.
        held.Hold();
        loop.Reach(2);
        var asleep = await first.SaveAsync(2, null, loop.State);
        await held.Reached;
        await using (var second = await CheckpointManager.OpenAsync(new AnothersStorage(new LaterStorage(Open()), AnothersStorage.Elsewhere("second")), options))
        {
            held.GoOn();
            await Assert.ThrowsAsync<ClaimLostException>(async () => await asleep);
            await Assert.ThrowsAsync<ClaimLostException>(async () => await (await first.SaveAsync(3, null, loop.State)));
            loop.Reach(4);
            await (await second.SaveAsync(4, null, loop.State));
            Assert.Equal([4, 1], second.Checkpoints.Select(saved => saved.Episode));
        }

        await first.DisposeAsync();
        await Aftermath.AssertNothingLostAsync(store, folder, [durable], 64, "a fenced writer");

        ICheckpointStorage Open() => store.Open(store.Server, folder, TimeSpan.FromSeconds(30));
    }

    /// <summary>Holds up the next commit of a checkpoint.</summary>
    private sealed class HeldCommit(ICheckpointStorage inner) : PassingStorage(inner)
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private TaskCompletionSource? _goOn;

        public Task Reached => _reached.Task;

        public void Hold() => _goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void GoOn() => _goOn!.SetResult();

        public override async ValueTask<ObjectInfo> WriteAsync(string key, ReadOnlySequence<byte> content, WriteCondition condition, CancellationToken cancellationToken)
        {
            if (_goOn is { } goOn && key.EndsWith("/metadata.json", StringComparison.Ordinal))
            {
                _reached.TrySetResult();
                await goOn.Task.WaitAsync(cancellationToken);
            }

            return await Inner.WriteAsync(key, content, condition, cancellationToken);
        }
    }

    /// <summary>A storage whose server is asked the time a minute later.</summary>
    private sealed class LaterStorage(ICheckpointStorage inner) : PassingStorage(inner)
    {
        public override async ValueTask<ObjectInfo> WriteAsync(string key, ReadOnlySequence<byte> content, WriteCondition condition, CancellationToken cancellationToken)
        {
            var info = await Inner.WriteAsync(key, content, condition, cancellationToken);
            return key == "claim-check" ? info with { Modified = info.Modified.AddSeconds(61) } : info;
        }
    }
}
