using System.Diagnostics;

namespace CoreSrl.Benchmarks.Training;

/// <summary>Where the time of an episode went.</summary>
/// <param name="Total">From one episode's end to the next one's.</param>
/// <param name="Playing">From the first question to the beginning of learning.</param>
/// <param name="Answering">What of that some model computed an answer.</param>
/// <param name="Learning">Until the last model has learned.</param>
/// <param name="Snapshot">Until the last model is captured.</param>
internal readonly record struct EpisodeTime(TimeSpan Total, TimeSpan Playing, TimeSpan Answering, TimeSpan Learning, TimeSpan Snapshot)
{
    public TimeSpan Rest => Total - Playing - Learning - Snapshot;

    public static EpisodeTime operator +(EpisodeTime a, EpisodeTime b) =>
        new(a.Total + b.Total, a.Playing + b.Playing, a.Answering + b.Answering, a.Learning + b.Learning, a.Snapshot + b.Snapshot);

    public static EpisodeTime operator /(EpisodeTime sum, int count) =>
        new(sum.Total / count, sum.Playing / count, sum.Answering / count, sum.Learning / count, sum.Snapshot / count);
}

/// <summary>Listens to <see cref="TracedModel"/> and adds up where the episodes' time goes.</summary>
internal sealed class EpisodeTimeline : IDisposable
{
    private readonly ActivityListener _listener;
    private readonly Lock _gate = new();
    private EpisodeTime _sum;
    private int _episodes = -1; // The first has no episode before it from whose end to count.
    private long _begin;
    private long? _played;
    private long? _learning;
    private long _learned;
    private long _captured;
    private int _answering;
    private long _answeringSince;
    private TimeSpan _answered;

    public EpisodeTimeline()
    {
        _listener = new()
        {
            ShouldListenTo = source => source.Name == typeof(TracedModel).FullName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.PropagationData,
            ActivityStarted = Start,
            ActivityStopped = Stop,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>To be called at each episode's end.</summary>
    public void EndEpisode()
    {
        lock (_gate)
        {
            var now = Stopwatch.GetTimestamp();
            if (_episodes >= 0)
            {
                var (played, learning) = (_played!.Value, _learning!.Value);
                _sum += new EpisodeTime(Time(_begin, now), Time(played, learning), _answered, Time(learning, _learned), Time(_learned, _captured));
            }

            _episodes++;
            (_begin, _played, _learning, _answered) = (now, null, null, TimeSpan.Zero);
        }
    }

    /// <summary>The mean over all episodes but the first.</summary>
    public EpisodeTime PerEpisode() => _sum / _episodes;

    public void Dispose() => _listener.Dispose();

    private void Start(Activity activity)
    {
        lock (_gate)
        {
            var now = Stopwatch.GetTimestamp();
            if (activity.OperationName == TracedModel.Act)
            {
                _played ??= now;
                if (_answering++ == 0)
                    _answeringSince = now;
            }
            else if (activity.OperationName == TracedModel.Learn)
            {
                _learning ??= now;
            }
        }
    }

    private void Stop(Activity activity)
    {
        lock (_gate)
        {
            var now = Stopwatch.GetTimestamp();
            switch (activity.OperationName)
            {
                case TracedModel.Act:
                    if (--_answering == 0)
                        _answered += Time(_answeringSince, now);
                    break;
                case TracedModel.Learn:
                    _learned = now;
                    break;
                case TracedModel.Capture:
                    _captured = now;
                    break;
            }
        }
    }

    private static TimeSpan Time(long from, long to) => Stopwatch.GetElapsedTime(from, to);
}
