using CoreSrl.Abstractions;

namespace CoreSrl.Testing.Tests.Environments;

internal sealed class MinimumAboveMaximum : PassingGame
{
    public override SeatRange Seats => new(3, 2);
}

internal sealed class DropsWhoIsDone : PassingGame
{
    protected override EnvironmentStep Shown(EnvironmentStep step) =>
        step.Seats[^1].Terminated && !step.IsOver ? step with { Seats = step.Seats.RemoveAt(step.Seats.Length - 1) } : step;
}

internal sealed class NoWinnersAtAll : PassingGame
{
    protected override EnvironmentStep Shown(EnvironmentStep step) => step.Winners.IsEmpty ? step with { Winners = default } : step;
}

internal sealed class StartingReward : PassingGame
{
    public override async ValueTask<EnvironmentStep> ResetAsync(int seats, ulong seed, CancellationToken cancellationToken)
    {
        var first = await base.ResetAsync(seats, seed, cancellationToken);
        return first with { Seats = [.. first.Seats.Select(seat => seat with { Reward = 1 })] };
    }
}

/// <summary>The first step is one in which nobody acts.</summary>
internal sealed class WaitsAtFirst : PassingGame
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

internal sealed class ChoiceTwice : PassingGame
{
    protected override SeatStep Shown(SeatStep seat) =>
        seat.Observation is { Choices: [.., var last] choices } asked ? seat with { Observation = asked with { Choices = choices.Add(last) } } : seat;
}

internal sealed class RewardPerNothing : PassingGame
{
    protected override SeatStep Shown(SeatStep seat) => seat.Truncated ? seat with { Reward = seat.Reward / 0 } : seat;
}

internal sealed class CooperationInPercent : PassingGame
{
    protected override SeatStep Shown(SeatStep seat) => seat with { Cooperation = seat.Cooperation * 100 };
}

internal sealed class InfoOfNothing : PassingGame
{
    protected override SeatStep Shown(SeatStep seat) => seat.Terminated ? seat with { Info = new Dictionary<string, double> { ["mean"] = double.NaN } } : seat;
}
