using System.Collections.Immutable;
using System.Collections.ObjectModel;
using CoreSrl.Abstractions;

namespace CoreSrl.Plugins.Environments;

/// <summary>
/// Questions with checkable answers, from a file: one seat alone (<c>solo</c>), or several that answer the same question at once
/// (<c>race</c>). Which questions a game asks, and in which order, follows from its seed.
/// </summary>
/// <remarks>
/// A right answer earns 1, a wrong one <see cref="QuestionAnswerOptions.WrongReward"/>; or what
/// <see cref="QuestionAnswerOptions.Rewards"/> say, the first of which also says what is right. In a race a right answer earns, besides, the
/// share of the other seats that were wrong (0 to 1): being right always pays, being right alone pays double, and nobody gains by
/// another's being right. A race is won by the seats with the most right answers, by none when all have as many; a solo game is
/// won when every answer was right.
/// </remarks>
[Plugin("question-answer", Description = "Questions with checkable answers from a file, for one seat or for 2 to 16 that race.")]
public sealed class QuestionAnswerEnvironment : IEnvironment
{
    private readonly QuestionAnswerOptions _options;
    private readonly ImmutableArray<Question> _questions;
    private readonly RewardSum? _rewards;
    private Question[] _asked = [];
    private int _next;
    private int[] _right = []; // How many right answers each seat gave so far.

    /// <summary>Reads the file of questions.</summary>
    /// <param name="options">The rules of the game.</param>
    /// <exception cref="InvalidDataException">The file of questions is missing or broken.</exception>
    public QuestionAnswerEnvironment(QuestionAnswerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _questions = QuestionFile.Read(options.File ?? SampleFile);
        _rewards = options.Rewards is { } rewards ? new(rewards) : null;
    }

    /// <summary>The questions that come with the plugin.</summary>
    public static string SampleFile =>
        Path.Combine(Path.GetDirectoryName(typeof(QuestionAnswerEnvironment).Assembly.Location)!, "sample-questions.jsonl");

    /// <inheritdoc/>
    public SeatRange Seats => _options.Mode == QuestionMode.Solo ? new(1, 1) : new(2, 16);

    /// <inheritdoc/>
    public ValueTask<EnvironmentStep> ResetAsync(int seats, ulong seed, CancellationToken cancellationToken)
    {
        if (!Seats.Contains(seats))
            throw new ArgumentOutOfRangeException(nameof(seats), seats, $"question-answer in this mode seats {Seats}");
        _asked = Draw(seed);
        _next = 0;
        _right = new int[seats];
        return new(new EnvironmentStep([.. Enumerable.Repeat(new SeatStep { Observation = Ask() }, seats)]));
    }

    /// <inheritdoc/>
    public ValueTask<EnvironmentStep> StepAsync(IReadOnlyList<string?> actions, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(actions);
        if (actions.Count != _right.Length)
            throw new ArgumentException($"{actions.Count} answers for {_right.Length} seats", nameof(actions));

        var question = _asked[_next++];
        var scores = actions.Select(answer => Score(question, answer ?? "")).ToList();
        var wrong = scores.Count(score => !score.IsRight);
        var over = _next == _asked.Length;
        var observation = over ? null : Ask();
        var seats = ImmutableArray.CreateBuilder<SeatStep>(scores.Count);
        for (var seat = 0; seat < scores.Count; seat++)
        {
            var (reward, isRight, each) = scores[seat];
            _right[seat] += isRight ? 1 : 0;
            var bonus = isRight && scores.Count > 1 ? wrong / (scores.Count - 1.0) : 0;
            seats.Add(new() { Observation = observation, Reward = reward + bonus, Terminated = over, Info = each });
        }

        return new(new EnvironmentStep(seats.MoveToImmutable(), over ? Winners() : []));
    }

    private (double Sum, bool IsRight, IReadOnlyDictionary<string, double> Each) Score(Question question, string text) =>
        _rewards?.Of(question, text)
        ?? (question.IsRight(text) ? (1, true, ReadOnlyDictionary<string, double>.Empty) : (_options.WrongReward, false, ReadOnlyDictionary<string, double>.Empty));

    private Observation Ask() => new(_asked[_next].Prompt, _asked[_next].Choices);

    // The first steps of a Fisher-Yates shuffle: each set and order of questions is as likely as any other.
    private Question[] Draw(ulong seed)
    {
        var random = new SeededRandom(seed);
        Question[] pack = [.. _questions];
        var drawn = Math.Min(_options.QuestionsPerGame, pack.Length);
        for (var i = 0; i < drawn; i++)
        {
            var j = i + random.NextInt32(pack.Length - i);
            (pack[i], pack[j]) = (pack[j], pack[i]);
        }

        return pack[..drawn];
    }

    private ImmutableArray<int> Winners()
    {
        if (_right.Length == 1)
            return _right[0] == _asked.Length ? [0] : [];
        var most = _right.Max();
        return most == _right.Min() ? [] : [.. Enumerable.Range(0, _right.Length).Where(seat => _right[seat] == most)];
    }
}
