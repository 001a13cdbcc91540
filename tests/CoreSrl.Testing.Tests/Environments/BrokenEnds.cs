using CoreSrl.Abstractions;

namespace CoreSrl.Testing.Tests.Environments;

internal sealed class NeitherIsForgotten : PassingGame
{
    public override ValueTask<EnvironmentStep> StepAsync(IReadOnlyList<string?> actions, CancellationToken cancellationToken) =>
        base.StepAsync(actions.All(action => action == "neither") ? throw new InvalidOperationException("Nobody took a side.") : actions, cancellationToken);
}

internal sealed class FirstLetter : PassingGame
{
    public override ValueTask<EnvironmentStep> StepAsync(IReadOnlyList<string?> actions, CancellationToken cancellationToken)
    {
        _ = actions.Count(action => action is not null && char.IsUpper(action[0]));
        return base.StepAsync(actions, cancellationToken);
    }
}

internal sealed class GoesOnForEver : PassingGame
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

internal sealed class DoneForOneStep : PassingGame
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

internal sealed class SaysGoodbye : PassingGame
{
    protected override SeatStep Shown(SeatStep seat) => seat.Terminated || seat.Truncated ? seat with { Observation = new("It is over.") } : seat;
}

/// <summary>Names winners by the numbers of their shirts, which no seat has: every game with a winner shows it, and GoodGame always has one.</summary>
internal sealed class NumbersOfShirts : PassingGame
{
    protected override EnvironmentStep Shown(EnvironmentStep step) => step with { Winners = [.. step.Winners.Select(winner => winner + 10)] };
}

internal sealed class Leaders : PassingGame
{
    protected override EnvironmentStep Shown(EnvironmentStep step) => step.IsOver ? step : step with { Winners = [0] };
}

internal sealed class TakesTheActions : PassingGame
{
    public override ValueTask<EnvironmentStep> StepAsync(IReadOnlyList<string?> actions, CancellationToken cancellationToken)
    {
        List<string?> taken = [.. actions];
        (actions as List<string?>)?.Clear();
        return base.StepAsync(taken, cancellationToken);
    }
}
