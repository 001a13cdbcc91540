using System.Collections.Immutable;
using CoreSrl.Abstractions;
using CoreSrl.Testing.Tests.Memories;

namespace CoreSrl.Testing.Tests.Environments;

/// <summary>For each rule an environment that breaks just it, as a real one might.</summary>
internal static class BrokenGames
{
    public static IReadOnlyDictionary<string, Func<IEnvironment>> ByRule { get; } = new Dictionary<string, Func<IEnvironment>>
    {
        ["seats-are-a-range"] = () => new MinimumAboveMaximum(),
        ["every-seat-is-shown"] = () => new DropsWhoIsDone(),
        ["nothing-is-null"] = () => new NoWinnersAtAll(),
        ["rewards-begin-at-zero"] = () => new StartingReward(),
        ["games-begin"] = () => new WaitsAtFirst(),
        ["choices-are-distinct"] = () => new ChoiceTwice(),
        ["rewards-are-finite"] = () => new RewardPerNothing(),
        ["cooperation-is-a-share"] = () => new CooperationInPercent(),
        ["info-is-finite"] = () => new InfoOfNothing(),
        ["games-without-errors"] = () => new NeitherIsForgotten(),
        ["any-text-is-taken"] = () => new FirstLetter(),
        ["every-game-ends"] = () => new GoesOnForEver(),
        ["done-stays-done"] = () => new DoneForOneStep(),
        ["done-is-not-asked"] = () => new SaysGoodbye(),
        ["winners-are-seats"] = () => new WinnersFromOne(),
        ["winners-at-the-end"] = () => new Leaders(),
        ["actions-stay-as-they-are"] = () => new TakesTheActions(),
        ["same-seed-same-game"] = () => new SaltedInstance(),
        ["nothing-is-carried"] = () => new TellsOfLastTime(),
        ["reset-at-any-time"] = () => new ResetsAtTheEnd(),
        ["games-side-by-side"] = () => new StaticRound(),
        ["illegal-actions-do-no-lasting-harm"] = () => new NeverUnlocks(),
        ["cancelled-is-told-so"] = () => new WrapsCancellation(),
    }
    .Concat(BrokenMemories.ByRule.Select(memory => KeyValuePair.Create(memory.Key, (Func<IEnvironment>)(() => new CountingGame(memory.Value())))))
    .ToDictionary();

    private sealed class MinimumAboveMaximum : PassingGame
    {
        public override SeatRange Seats => new(3, 2);
    }

    private sealed class DropsWhoIsDone : PassingGame
    {
        protected override EnvironmentStep Shown(EnvironmentStep step) =>
            step.Seats[^1].Terminated && !step.IsOver ? step with { Seats = step.Seats.RemoveAt(step.Seats.Length - 1) } : step;
    }

    private sealed class NoWinnersAtAll : PassingGame
    {
        protected override EnvironmentStep Shown(EnvironmentStep step) => step.Winners.IsEmpty ? step with { Winners = default } : step;
    }

    private sealed class StartingReward : PassingGame
    {
        public override async ValueTask<EnvironmentStep> ResetAsync(int seats, ulong seed, CancellationToken cancellationToken)
        {
            var first = await base.ResetAsync(seats, seed, cancellationToken);
            return first with { Seats = [.. first.Seats.Select(seat => seat with { Reward = 1 })] };
        }
    }

    /// <summary>The first step is one in which nobody acts.</summary>
    private sealed class WaitsAtFirst : PassingGame
    {
        private EnvironmentStep? _first;

        public override async ValueTask<EnvironmentStep> ResetAsync(int seats, ulong seed, CancellationToken cancellationToken)
        {
            _first = await base.ResetAsync(seats, seed, cancellationToken);
            return _first with { Seats = [.. _first.Seats.Select(seat => seat with { Observation = null })] };
        }

        public override ValueTask<EnvironmentStep> StepAsync(IReadOnlyList<string?> actions, CancellationToken cancellationToken)
        {
            if (_first is not { } first)
                return base.StepAsync(actions, cancellationToken);
            _first = null;
            return new(first);
        }
    }

    private sealed class ChoiceTwice : PassingGame
    {
        protected override SeatStep Shown(SeatStep seat) =>
            seat.Observation is { Choices: [.., var last] choices } asked ? seat with { Observation = asked with { Choices = choices.Add(last) } } : seat;
    }

    private sealed class RewardPerNothing : PassingGame
    {
        protected override SeatStep Shown(SeatStep seat) => seat.Truncated ? seat with { Reward = seat.Reward / 0 } : seat;
    }

    private sealed class CooperationInPercent : PassingGame
    {
        protected override SeatStep Shown(SeatStep seat) => seat with { Cooperation = seat.Cooperation * 100 };
    }

    private sealed class InfoOfNothing : PassingGame
    {
        protected override SeatStep Shown(SeatStep seat) => seat.Terminated ? seat with { Info = new Dictionary<string, double> { ["mean"] = double.NaN } } : seat;
    }

    private sealed class NeitherIsForgotten : PassingGame
    {
        public override ValueTask<EnvironmentStep> StepAsync(IReadOnlyList<string?> actions, CancellationToken cancellationToken) =>
            base.StepAsync(actions.All(action => action == "neither") ? throw new InvalidOperationException("Nobody took a side.") : actions, cancellationToken);
    }

    private sealed class FirstLetter : PassingGame
    {
        public override ValueTask<EnvironmentStep> StepAsync(IReadOnlyList<string?> actions, CancellationToken cancellationToken)
        {
            _ = actions.Count(action => action is not null && char.IsUpper(action[0]));
            return base.StepAsync(actions, cancellationToken);
        }
    }

    private sealed class GoesOnForEver : PassingGame
    {
        private EnvironmentStep? _last;

        public override ValueTask<EnvironmentStep> ResetAsync(int seats, ulong seed, CancellationToken cancellationToken)
        {
            _last = null;
            return base.ResetAsync(seats, seed, cancellationToken);
        }

        public override async ValueTask<EnvironmentStep> StepAsync(IReadOnlyList<string?> actions, CancellationToken cancellationToken)
        {
            if (_last is null && await base.StepAsync(actions, cancellationToken) is var step)
            {
                if (!step.IsOver)
                    return step;
                _last = new(step.Seats.SetItem(0, new() { Observation = new("Once more? ") }));
            }

            return _last!;
        }
    }

    private sealed class DoneForOneStep : PassingGame
    {
        private bool _told;

        public override ValueTask<EnvironmentStep> ResetAsync(int seats, ulong seed, CancellationToken cancellationToken)
        {
            _told = false;
            return base.ResetAsync(seats, seed, cancellationToken);
        }

        protected override EnvironmentStep Shown(EnvironmentStep step)
        {
            if (!step.Seats[^1].Terminated || step.IsOver)
                return step;
            var shown = _told ? step with { Seats = step.Seats.SetItem(step.Seats.Length - 1, step.Seats[^1] with { Terminated = false }) } : step;
            _told = true;
            return shown;
        }
    }

    private sealed class SaysGoodbye : PassingGame
    {
        protected override SeatStep Shown(SeatStep seat) => seat.Terminated || seat.Truncated ? seat with { Observation = new("It is over.") } : seat;
    }

    private sealed class WinnersFromOne : PassingGame
    {
        protected override EnvironmentStep Shown(EnvironmentStep step) => step with { Winners = [.. step.Winners.Select(winner => winner + 1)] };
    }

    private sealed class Leaders : PassingGame
    {
        protected override EnvironmentStep Shown(EnvironmentStep step) => step.IsOver ? step : step with { Winners = [0] };
    }

    private sealed class TakesTheActions : PassingGame
    {
        public override ValueTask<EnvironmentStep> StepAsync(IReadOnlyList<string?> actions, CancellationToken cancellationToken)
        {
            List<string?> taken = [.. actions];
            (actions as List<string?>)?.Clear();
            return base.StepAsync(taken, cancellationToken);
        }
    }

    private sealed class SaltedInstance : PassingGame
    {
        private readonly int _salt = Random.Shared.Next();

        protected override SeatStep Shown(SeatStep seat) => Prefixed(seat, _salt);
    }

    private sealed class TellsOfLastTime : PassingGame
    {
        private ImmutableArray<double> _lastTime = [];

        protected override EnvironmentStep Shown(EnvironmentStep step)
        {
            var shown = base.Shown(step);
            if (step.IsOver)
                _lastTime = [.. step.Seats.Select(seat => seat.Reward)];
            return shown;
        }

        protected override SeatStep Shown(SeatStep seat) => Prefixed(seat, $"last time {string.Join(", ", _lastTime)}");
    }

    private sealed class ResetsAtTheEnd : PassingGame
    {
        private int _step;

        protected override EnvironmentStep Shown(EnvironmentStep step)
        {
            var shown = base.Shown(step);
            _step = step.IsOver ? 0 : _step + 1;
            return shown;
        }

        protected override SeatStep Shown(SeatStep seat) => Prefixed(seat, $"step {_step}");
    }

    private sealed class StaticRound : PassingGame
    {
        private static int _step;

        public override ValueTask<EnvironmentStep> ResetAsync(int seats, ulong seed, CancellationToken cancellationToken)
        {
            _step = 0;
            return base.ResetAsync(seats, seed, cancellationToken);
        }

        protected override EnvironmentStep Shown(EnvironmentStep step)
        {
            _step++;
            return base.Shown(step);
        }

        protected override SeatStep Shown(SeatStep seat) => Prefixed(seat, $"step {_step}");
    }

    /// <summary>An error leaves it locked.</summary>
    private sealed class NeverUnlocks : PassingGame
    {
        private bool _locked;

        public override async ValueTask<EnvironmentStep> StepAsync(IReadOnlyList<string?> actions, CancellationToken cancellationToken)
        {
            if (_locked)
                throw new InvalidOperationException("A step is being played.");
            _locked = true;
            var step = await base.StepAsync(actions, cancellationToken);
            _locked = false;
            return step;
        }
    }

    private sealed class WrapsCancellation : PassingGame
    {
        public override async ValueTask<EnvironmentStep> StepAsync(IReadOnlyList<string?> actions, CancellationToken cancellationToken)
        {
            try
            {
                await Task.Delay(0, cancellationToken);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException("The game was disturbed.", e);
            }

            return await base.StepAsync(actions, cancellationToken);
        }
    }
}
