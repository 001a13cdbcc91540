using System.Collections.Immutable;
using CoreSrl.Abstractions;

namespace CoreSrl.Testing.Tests.Environments;

internal sealed class SaltedInstance : PassingGame
{
    private readonly int _salt = Random.Shared.Next();

    protected override SeatStep Shown(SeatStep seat) => Prefixed(seat, _salt);
}

internal sealed class TellsOfLastTime : PassingGame
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

internal sealed class ResetsAtTheEnd : PassingGame
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

internal sealed class StaticRound : PassingGame
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
internal sealed class NeverUnlocks : PassingGame
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

internal sealed class WrapsCancellation : PassingGame
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
