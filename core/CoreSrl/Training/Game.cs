using CoreSrl.Abstractions;
using CoreSrl.Configuration;

namespace CoreSrl.Training;

/// <summary>One game being played: who sits where, what was answered, what came of it.</summary>
internal sealed class Game(IEnvironment environment, int number, int group, int[] models, EnvironmentStep first)
{
    private readonly Seat[] _seats = [.. models.Select(model => new Seat(model))];
    private EnvironmentStep _now = Checked(first, models.Length);
    private int _steps;
    private bool _cutOff;

    /// <summary>The game's number in the episode.</summary>
    public int Number => number;

    /// <summary>Whether nobody plays on.</summary>
    public bool IsOver => _cutOff || _now.IsOver;

    /// <summary>The observations that wait for a model's answer.</summary>
    public IEnumerable<(Game Game, int Seat, Observation Observation)> Asked(int model)
    {
        for (var seat = 0; seat < models.Length; seat++)
        {
            if (models[seat] == model && _now.Seats[seat].Observation is { } observation)
                yield return (this, seat, observation);
        }
    }

    /// <summary>Records an answer; taken into account by the next step.</summary>
    public void Answer(int seat, ModelResponse response) => _seats[seat].Response = response;

    /// <summary>Plays the answers.</summary>
    public async Task StepAsync(TrainingOptions options, CancellationToken cancellationToken)
    {
        var actions = _seats.Select(seat => seat.Response?.Text).ToList();
        var next = Checked(await environment.StepAsync(actions, cancellationToken).ConfigureAwait(false), models.Length);
        var rewards = next.Seats.Select(seat => seat.Reward).ToList();
        var shaped = RewardShaping.Shape(rewards, options.Mode, options.CooperationStrength, options.CompetitionIntensity);
        for (var seat = 0; seat < models.Length; seat++)
            _seats[seat].Take(_now.Seats[seat].Observation, next.Seats[seat], shaped[seat]);
        _now = next;
        _cutOff = ++_steps >= options.MaxStepsPerGame;
    }

    /// <summary>What each seat did, once the game is over.</summary>
    public IEnumerable<Trajectory> Trajectories() => _seats.Select((seat, index) => new Trajectory
    {
        Model = seat.Model,
        Group = group,
        Turns = seat.Turns,
        Reward = seat.Reward,
        Won = _now.Winners.Contains(index),
        CooperationSum = seat.CooperationSum,
        CooperationCount = seat.CooperationCount,
        Info = seat.Info,
    });

    private static EnvironmentStep Checked(EnvironmentStep step, int seats)
    {
        if (step.Seats.Length != seats)
            throw new InvalidOperationException($"The environment showed {step.Seats.Length} seats; the game has {seats}.");
        if (step.Seats.Any(seat => !double.IsFinite(seat.Reward)))
            throw new InvalidOperationException("The environment gave a reward that is not a finite number.");
        if (step.Seats.SelectMany(seat => seat.Info).FirstOrDefault(info => !double.IsFinite(info.Value)) is { Key: not null } info)
            throw new InvalidOperationException($"The environment's info '{info.Key}' is not a finite number.");
        return step;
    }

    private sealed class Seat(int model)
    {
        public int Model => model;

        public List<Turn> Turns { get; } = [];

        public ModelResponse? Response { get; set; }

        public double Reward { get; private set; }

        public double CooperationSum { get; private set; }

        public int CooperationCount { get; private set; }

        public List<KeyValuePair<string, double>> Info { get; } = [];

        /// <summary>Takes a step's outcome; a reward that comes when the seat was not asked belongs to its last turn.</summary>
        public void Take(Observation? observation, SeatStep step, double shaped)
        {
            if (observation is not null && Response is not null)
                Turns.Add(new(observation, Response, step.Reward, shaped));
            else if (Turns.Count > 0)
                Turns[^1] = Turns[^1] with { Reward = Turns[^1].Reward + step.Reward, ShapedReward = Turns[^1].ShapedReward + shaped };
            Response = null;
            Reward += step.Reward;
            Info.AddRange(step.Info);
            if (step.Cooperation is { } cooperation)
            {
                CooperationSum += cooperation;
                CooperationCount++;
            }
        }
    }
}
