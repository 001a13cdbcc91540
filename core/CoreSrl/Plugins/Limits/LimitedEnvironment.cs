using CoreSrl.Abstractions;

namespace CoreSrl.Plugins.Limits;

/// <summary>An environment whose steps are waited for only so long.</summary>
internal sealed class LimitedEnvironment(string name, IEnvironment environment, PluginCalls calls) : IEnvironment
{
    private readonly string _who = $"environment '{name}'";

    public SeatRange Seats => calls.Quick(_who, nameof(Seats), () => environment.Seats);

    public async ValueTask<EnvironmentStep> ResetAsync(int seats, ulong seed, CancellationToken cancellationToken) =>
        await calls.WorkAsync(_who, nameof(ResetAsync), () => environment.ResetAsync(seats, seed, cancellationToken), cancellationToken).ConfigureAwait(false);

    public async ValueTask<EnvironmentStep> StepAsync(IReadOnlyList<string?> actions, CancellationToken cancellationToken) =>
        await calls.WorkAsync(_who, nameof(StepAsync), () => environment.StepAsync(actions, cancellationToken), cancellationToken).ConfigureAwait(false);
}
