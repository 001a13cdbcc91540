using System.Globalization;
using CoreSrl.Abstractions;

namespace Company.SrlPlugin;

/// <summary>
/// Nim with one heap, for two: by turns each takes a few stones, and who takes the last one wins (reward 1, the other −1).
/// </summary>
/// <remarks>Bouton 1901, "Nim, a game with a complete mathematical theory", Annals of Mathematics 3. The one to move wins, if
/// played well, unless the stones are a multiple of the most that can be taken and one.</remarks>
/// <param name="options">How many stones.</param>
[Plugin("srl-foo", Description = "Nim with one heap, for two models.")]
public sealed class SrlFooEnvironment(SrlFooOptions options) : IEnvironment
{
    private int _stones;
    private int _turn;

    /// <inheritdoc/>
    public SeatRange Seats => new(2, 2);

    /// <inheritdoc/>
    public ValueTask<EnvironmentStep> ResetAsync(int seats, ulong seed, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(seats, 2);
        var random = new SeededRandom(seed);
        _stones = 4 + random.NextInt32(options.Stones - 3);
        _turn = random.NextInt32(2);
        return ValueTask.FromResult(new EnvironmentStep([Show(0), Show(1)]));
    }

    /// <inheritdoc/>
    public ValueTask<EnvironmentStep> StepAsync(IReadOnlyList<string?> actions, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(actions);
        if (!int.TryParse(actions[_turn], NumberStyles.None, CultureInfo.InvariantCulture, out var taken) || taken < 1 || taken > Math.Min(options.Take, _stones))
            throw new ArgumentException($"'{actions[_turn]}' is no move: take 1 to {Math.Min(options.Take, _stones)} stones.", nameof(actions));
        _stones -= taken;
        var mover = _turn;
        _turn = 1 - _turn;
        return ValueTask.FromResult(_stones > 0
            ? new EnvironmentStep([Show(0), Show(1)])
            : new EnvironmentStep([End(0, mover), End(1, mover)], mover));
    }

    /// <summary>The stones, for the one whose turn it is.</summary>
    private SeatStep Show(int seat) => seat != _turn ? new() : new()
    {
        Observation = new(
            $"{_stones} stones. Take how many? Who takes the last one wins.",
            [.. Enumerable.Range(1, Math.Min(options.Take, _stones)).Select(taken => taken.ToString(CultureInfo.InvariantCulture))]),
    };

    private static SeatStep End(int seat, int winner) => new() { Reward = seat == winner ? 1 : -1, Terminated = true };
}
