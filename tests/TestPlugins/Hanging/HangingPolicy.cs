using CoreSrl.Abstractions;

namespace CoreSrl.TestPlugins.Hanging;

/// <summary>Where <see cref="HangingPolicy"/> hangs.</summary>
public enum HangingCall
{
    Constructor,
    Decide,
    Keep,
}

/// <summary>The options of <see cref="HangingPolicy"/>.</summary>
public sealed record HangingPolicyOptions
{
    public HangingCall In { get; init; } = HangingCall.Decide;

    public long AtEpisode { get; init; } = 3;
}

/// <summary>Does not come back.</summary>
[Plugin("hanging-policy")]
public sealed class HangingPolicy : ICheckpointPolicy
{
    private readonly HangingPolicyOptions _options;

    public HangingPolicy(HangingPolicyOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        if (options.In == HangingCall.Constructor)
            Thread.Sleep(Timeout.Infinite);
    }

    public SaveDecision Decide(TrainingProgress progress, IReadOnlyList<SavedCheckpoint> saved)
    {
        ArgumentNullException.ThrowIfNull(progress);
        if (_options.In == HangingCall.Decide && progress.Episode == _options.AtEpisode)
        {
            File.WriteAllText("hanging", "");
            Thread.Sleep(Timeout.Infinite);
        }

        return SaveDecision.Skip;
    }

    public IEnumerable<string> Keep(IReadOnlyList<SavedCheckpoint> saved)
    {
        if (_options.In == HangingCall.Keep)
            Thread.Sleep(Timeout.Infinite);
        yield break;
    }
}
