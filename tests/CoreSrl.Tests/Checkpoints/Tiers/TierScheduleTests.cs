using CoreSrl.Abstractions;
using CoreSrl.Checkpoints;
using CoreSrl.Tests.Fakes;

namespace CoreSrl.Tests.Checkpoints.Tiers;

/// <summary>Outages, processes that die at any call, and machines that are lost, in any order: what was acknowledged is there.</summary>
public sealed class TierScheduleTests
{
    private const int Schedules = 150;
    private const int MaxCheckpoints = 3;

    [Fact]
    public async Task Whatever_happens_no_tier_loses_what_it_is_to_keep()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("CORESRL_TEST_SEED"), out var given) ? given : Environment.TickCount;
        for (var schedule = 0; schedule < Schedules; schedule++)
        {
            try
            {
                await new Schedule(seed + schedule).RunAsync();
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"CORESRL_TEST_SEED={seed + schedule}: {e.Message}", e);
            }
        }
    }

    private sealed class Schedule(int seed)
    {
        private readonly Random _random = new(seed);
        private readonly MemoryStorage _durable = new() { Location = "durable" };
        private readonly List<string> _wrong = [];
        private MemoryStorage _fast = new() { Location = "fast" };
        private bool _outage;
        private bool _dead;
        private int _callsLeft = int.MaxValue;
        private long _step;

        /// <summary>The newest step whose save was acknowledged, and the newest that is known to be durable.</summary>
        private long _saved;
        private long _secured;

        public async Task RunAsync()
        {
            for (var process = 0; process < 4; process++)
            {
                await LiveAsync(last: process == 3);
                if (_random.Next(4) == 0)
                {
                    _fast = new() { Location = "fast" };
                    _saved = _secured;
                }
            }

            Assert.Empty(_wrong);
        }

        private async Task LiveAsync(bool last)
        {
            (_dead, _outage, _callsLeft) = (false, false, last || _random.Next(3) == 0 ? int.MaxValue : _random.Next(250));
            var model = new TestModel(1, new() { Width = 8, Frozen = 20 });
            CheckpointManager? manager = null;
            try
            {
                manager = await CheckpointManager.OpenAsync(Watched(_durable, isDurable: true), new()
                {
                    RunName = "test",
                    MaxCheckpoints = MaxCheckpoints,
                    RetryFor = TimeSpan.Zero,
                    FastTier = new(Watched(_fast, isDurable: false)) { Keep = 1 + _random.Next(2) },
                });
                var from = await manager.RestoreLatestAsync(model);
                Assert.True((from?.Step ?? 0) >= _saved, $"step {_saved} was acknowledged, and it goes on from {from?.Step}");
                Assert.True(from is null || model.Weights[0] == from.Step, $"step {from?.Step} holds {model.Weights[0]}");
                for (var moves = 3 + _random.Next(10); moves > 0; moves--)
                    await MoveAsync(manager, model);
                if (last)
                {
                    _outage = false;
                    await manager.FlushAsync();
                    Assert.Empty(manager.NotYetDurable);
                }
            }
            catch (Exception e) when (_dead || (_outage && e is StorageException))
            {
                // Of what a dead process says nothing counts.
            }
            finally
            {
                if (manager is not null)
                    await Record.ExceptionAsync(async () => await manager.DisposeAsync());
                _dead = true;
            }

            await LookAsync(_fast);
            _secured = await LookAsync(_durable);
            Assert.True(!last || _secured >= _saved, $"after all, the newest durable step is {_secured}, and {_saved} was acknowledged");
        }

        private async Task MoveAsync(CheckpointManager manager, TestModel model)
        {
            switch (_random.Next(6))
            {
                case 0:
                    _outage = !_outage;
                    break;
                case 1:
                    await Record.ExceptionAsync(manager.FlushAsync);
                    break;
                default:
                    model.Weights[0] = ++_step;
                    await await manager.SaveAsync(_step, null, model);
                    _saved = _step;
                    break;
            }
        }

        /// <summary>What a storage alone holds is whole.</summary>
        private static async Task<long> LookAsync(MemoryStorage storage)
        {
            await using var manager = await CheckpointManager.OpenReadOnlyAsync(storage);
            Assert.Empty(manager.Damaged);
            await foreach (var verdict in manager.VerifyAllAsync())
                Assert.Empty(verdict.Problems);
            return manager.Checkpoints is [var newest, ..] ? newest.Episode : 0;
        }

        /// <summary>A storage as one process sees it, until it dies.</summary>
        private FaultyStorage Watched(MemoryStorage storage, bool isDurable)
        {
            return new(new AnothersStorage(storage, AnothersStorage.Dead))
            {
                Before = (verb, key) =>
                {
                    Call(key);
                    if (verb == "delete" && key.EndsWith("/metadata.json", StringComparison.Ordinal))
                        MayGo(key);
                    return Task.CompletedTask;
                },
                After = (_, key) =>
                {
                    Call(key);
                    return Task.CompletedTask;
                },
                Reading = (_, key) =>
                {
                    Call(key);
                    return Task.CompletedTask;
                },
            };

            void Call(string key)
            {
                if (Interlocked.Decrement(ref _callsLeft) <= 0)
                    _dead = true;
                if (_dead)
                    throw new StorageException(StorageErrorKind.Permanent, key, "the process is dead");
                if (_outage && isDurable)
                    throw new StorageException(StorageErrorKind.Transient, key, "no answer");
            }

            void MayGo(string key)
            {
                var newer = _durable.Objects.Keys.Count(other => other.EndsWith("/metadata.json", StringComparison.Ordinal) && StepOf(other) > StepOf(key));
                if (newer < MaxCheckpoints && (isDurable || !_durable.Objects.ContainsKey(key)))
                    _wrong.Add($"{key} was removed from {storage.Location}, though only {newer} newer ones are durable");
            }
        }

        private static int StepOf(string key) => int.Parse(key.Split('_')[2], System.Globalization.CultureInfo.InvariantCulture);
    }
}
