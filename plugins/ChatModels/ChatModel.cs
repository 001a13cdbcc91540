using System.Text.Json.Nodes;
using CoreSrl.Abstractions;
using CoreSrl.Plugins.ChatModels.Accounting;
using CoreSrl.Plugins.ChatModels.Asking;
using CoreSrl.Plugins.ChatModels.Learning;
using CoreSrl.Plugins.ChatModels.Prompts;
using Microsoft.Extensions.Logging;

namespace CoreSrl.Plugins.ChatModels;

/// <summary>
/// A chat model on a server as a player. Its weights cannot be trained, so it learns in context: it remembers its best-rewarded plays
/// and shows them with later requests.
/// </summary>
/// <remarks>What is asked follows from the state, the observation and the seed alone, and in which order limits are counted too: so a
/// recording answers a resumed run to the same bits.</remarks>
internal sealed class ChatModel : IModel
{
    private readonly string _id;
    private readonly ChatModelOptions _options;
    private readonly Asker _asker;
    private readonly Ledger _ledger;
    private readonly ILogger _logger;
    private readonly PlayMemory _memory;
    private Usage _usage = Usage.None;
    private bool _toldBudget;

    /// <summary>Creates a player that has played nothing.</summary>
    /// <param name="id">Its id in the run.</param>
    /// <param name="kind">What it is called in listings.</param>
    /// <param name="options">Its options.</param>
    /// <param name="asker">Gets its questions answered; owned.</param>
    /// <param name="ledger">What it uses before it learns.</param>
    /// <param name="logger">Told when it sits out.</param>
    public ChatModel(string id, string kind, ChatModelOptions options, Asker asker, Ledger ledger, ILogger logger)
    {
        _id = id;
        _options = options;
        _asker = asker;
        _ledger = ledger;
        _logger = logger;
        _memory = new(options.MemoryTokens);
        // Texts are of use to any model, so nothing makes earlier state unusable but another backend, which the trainer compares itself.
        Description = new() { Kind = kind, Architecture = [] };
    }

    /// <inheritdoc/>
    public ModelDescription Description { get; }

    /// <inheritdoc/>
    public IReadOnlyList<StateTensor> Tensors => [];

    /// <inheritdoc/>
    /// <exception cref="ServerException">The server cannot be asked, or a budget has run out, and the model is to stop then.</exception>
    public async ValueTask<IReadOnlyList<ModelResponse>> ActAsync(IReadOnlyList<ModelRequest> requests, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(requests);
        List<Turn> turns = [.. requests.Select(request => new Turn(request, Conversation(request)))];
        var waiting = new List<Turn>(turns);
        while (waiting.Count > 0)
        {
            var wave = NextWave(waiting);
            waiting.RemoveRange(0, wave.Count);
            if (wave.Count == 0)
            {
                foreach (var turn in waiting)
                    Finish(turn, turn.SitOut());
                break;
            }

            var answers = await Task.WhenAll(wave.Select(turn => AskAsync(turn, cancellationToken))).ConfigureAwait(false);
            // Those to be asked again come first.
            waiting.InsertRange(0, wave.Zip(answers).Where(asked => !Take(asked.First, asked.Second)).Select(asked => asked.First));
        }

        return [.. turns.Select(turn => turn.Response!)];
    }

    /// <inheritdoc/>
    public ValueTask<LearningReport> LearnAsync(LearningBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var used = batch.Experiences.Select(experience => Usage.Of(TurnUsage.Of(experience.Response), _options)).Aggregate(Usage.None, (sum, turn) => sum + turn);
        _usage += used;
        _ledger.Learned(used);
        _memory.Learn(batch.Experiences);
        return new(LearningReport.Nothing with { Entropy = batch.Experiences.Average(experience => experience.Response.Entropy) });
    }

    /// <inheritdoc/>
    public JsonObject CaptureState() => new ChatState(_options.Model!, _usage, _memory.Situations).ToJson();

    /// <inheritdoc/>
    /// <exception cref="FormatException">The state is not one that <see cref="CaptureState"/> returned.</exception>
    public void RestoreState(JsonObject state)
    {
        ArgumentNullException.ThrowIfNull(state);
        var restored = ChatState.Read<ChatState>(state);
        _memory.Restore(restored.Memory);
        _usage = restored.Usage;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _asker.Dispose();
        return ValueTask.CompletedTask;
    }

    private List<Message> Conversation(ModelRequest request)
    {
        IEnumerable<Message> system = _options.SystemPrompt is { } prompt ? [new("system", prompt)] : [];
        return [.. system, .. _memory.Examples(request.Observation, request.Seed, _options.Exploration), new("user", Prompt.Of(request.Observation))];
    }

    // The next questions that go out together; none when the model sits out. Limits are looked at between waves only, so that what fits
    // does not depend on which answer comes first.
    private List<Turn> NextWave(List<Turn> waiting)
    {
        if (_ledger.SitsOut)
            return [];
        var budget = new Budget(_options, _usage + _ledger.Unlearned + UnfinishedIn(waiting));
        var wave = new List<Turn>();
        foreach (var turn in waiting.Take(_options.Parallelism))
        {
            if (budget.Reserve(turn.Question) is { } limit)
            {
                if (wave.Count == 0)
                    RunOut(limit);
                break;
            }

            wave.Add(turn);
        }

        return wave;
    }

    private Usage UnfinishedIn(List<Turn> waiting) => waiting.Where(turn => turn.Question.Attempt > 0).Aggregate(Usage.None, (sum, turn) => sum + Usage.Of(turn.Used, _options));

    private void RunOut(string limit)
    {
        if (!_options.SitsOut)
            throw new ServerException($"model '{_id}': {limit}; raise the limit, or set WhenUnavailable to sit-out");
        if (!_toldBudget)
            _logger.LogWarning("Model '{Model}' sits out from here on: {Limit}.", _id, limit);
        _toldBudget = true;
    }

    private async Task<Answer?> AskAsync(Turn turn, CancellationToken cancellationToken)
    {
        try
        {
            return await _asker.AskAsync(turn.Question, cancellationToken).ConfigureAwait(false);
        }
        catch (UnavailableException e) when (_options.SitsOut)
        {
            lock (_ledger)
            {
                if (!_ledger.SitsOut)
                    _logger.LogWarning("Model '{Model}' sits out until its next update: {Message}.", _id, e.Message);
                _ledger.SitsOut = true;
            }

            return null;
        }
        catch (ServerException e)
        {
            throw new ServerException($"model '{_id}': {e.Message}");
        }
    }

    /// <summary>Takes an answer; false when the turn must be asked again.</summary>
    private bool Take(Turn turn, Answer? answer)
    {
        if ((answer is null ? turn.SitOut() : turn.Take(answer)) is not { } response)
            return false;
        Finish(turn, response);
        return true;
    }

    private void Finish(Turn turn, ModelResponse response)
    {
        turn.Response = response;
        _ledger.Add(Usage.Of(TurnUsage.Of(response), _options));
    }
}
