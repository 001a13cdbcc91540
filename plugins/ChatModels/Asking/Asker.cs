using CoreSrl.Plugins.ChatModels.Recording;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace CoreSrl.Plugins.ChatModels.Asking;

/// <summary>Gets a question answered: from the recording, or else from the server, as often as it takes and no faster than allowed.</summary>
internal sealed class Asker : IDisposable
{
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMinutes(1);

    private readonly ChatModelOptions _options;
    private readonly string _id;
    private readonly IChatClient _client;
    private readonly Failure _failure;
    private readonly RecordingFile? _recording;
    private readonly ILogger _logger;
    private readonly Pace _pace;
    private readonly ResiliencePipeline _retries;
    private readonly ResiliencePipeline _timeout;
    private int _toldEstimated;

    /// <summary>Prepares to ask.</summary>
    /// <param name="id">The model's id in the run.</param>
    /// <param name="options">The model's options.</param>
    /// <param name="client">The way to the server; owned.</param>
    /// <param name="failure">Reads the server's failures.</param>
    /// <param name="recording">What was asked before; owned.</param>
    /// <param name="logger">Told of what is tried again.</param>
    /// <param name="time">The clock for waiting.</param>
    public Asker(string id, ChatModelOptions options, IChatClient client, Failure failure, RecordingFile? recording, ILogger logger, TimeProvider time)
    {
        _id = id;
        _options = options;
        _client = client;
        _failure = failure;
        _recording = recording;
        _logger = logger;
        _pace = new(options.RequestsPerMinute, options.TokensPerMinute, time);
        _timeout = new ResiliencePipelineBuilder { TimeProvider = time }.AddTimeout(options.Timeout).Build();
        _retries = options.Retries == 0 ? ResiliencePipeline.Empty : new ResiliencePipelineBuilder { TimeProvider = time }.AddRetry(Retrying()).Build();
    }

    /// <summary>The answer to a question.</summary>
    /// <exception cref="UnavailableException">There is none now; or there was none when it was recorded.</exception>
    /// <exception cref="ServerException">There will be none before somebody mends something.</exception>
    public async Task<Answer> AskAsync(Question question, CancellationToken cancellationToken)
    {
        var key = _recording is null ? default : RecordingFile.KeyOf(_options, question);
        if (_recording?.Find(key) is { } recorded)
            return recorded.Use();
        if (_options.ReplayOnly)
            throw new ServerException($"{_recording!.Path} holds no answer to the request {RecordingFile.Name(key)} ('{Start(question.Messages[^1].Text)}', seed {question.Seed}, attempt {question.Attempt}), and ReplayOnly asks nobody; leave it out to ask {_options.Address.Authority}");
        try
        {
            var answer = await _retries.ExecuteAsync(async token => await TryAsync(question, token).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
            return _recording is null ? answer : (await _recording.AddAsync(key, new(_options.Model!, question, answer, null)).ConfigureAwait(false)).Use();
        }
        catch (ServerException e) when (e.IsTransient)
        {
            var why = _options.Retries == 0 ? e.Message : $"{e.Message}, tried {_options.Retries + 1} times";
            // Who stops asks again when it goes on; who sits out has played on, and must play the same again.
            if (_options.SitsOut && _recording is not null)
                return (await _recording.AddAsync(key, new(_options.Model!, question, null, why)).ConfigureAwait(false)).Use();
            throw new UnavailableException(why);
        }
    }

    public void Dispose()
    {
        _client.Dispose();
        _recording?.Dispose();
    }

    private RetryStrategyOptions Retrying() => new()
    {
        MaxRetryAttempts = _options.Retries,
        BackoffType = DelayBackoffType.Exponential,
        UseJitter = true,
        Delay = _options.RetryDelay,
        MaxDelay = LongestDelay,
        ShouldHandle = new PredicateBuilder().Handle<ServerException>(failure => failure.IsTransient),
        DelayGenerator = retry => new((retry.Outcome.Exception as ServerException)?.RetryAfter),
        OnRetry = retry =>
        {
            _logger.LogWarning("Model '{Model}': {Message}. Trying again in {Seconds:F1} s.", _id, retry.Outcome.Exception!.Message, retry.RetryDelay.TotalSeconds);
            return default;
        },
    };

    private async Task<Answer> TryAsync(Question question, CancellationToken cancellationToken)
    {
        var reserved = question.Tokens + _options.MaxTokens;
        await _pace.WaitAsync(reserved, cancellationToken).ConfigureAwait(false);
        try
        {
            var response = await _timeout.ExecuteAsync(
                async token => await _client.GetResponseAsync(question.Messages.Select(message => message.ToChatMessage()), Settings(question), token).ConfigureAwait(false),
                cancellationToken).ConfigureAwait(false);
            var answer = Read(question, response);
            _pace.Settle(reserved, (long)answer.InputTokens + answer.OutputTokens);
            return answer;
        }
        catch (TimeoutRejectedException)
        {
            throw _failure.TooSlow();
        }
        catch (Exception e) when (e is not OutOfMemoryException && !cancellationToken.IsCancellationRequested)
        {
            throw _failure.Of(e);
        }
    }

    private ChatOptions Settings(Question question) => new()
    {
        ModelId = _options.Model,
        MaxOutputTokens = _options.MaxTokens,
        Temperature = (float?)_options.SentTemperature,
        Seed = _options.SendsSeed ? (long)(question.Seed >> 33) : null, // 31 bits: some servers take no more.
    };

    private Answer Read(Question question, ChatResponse response)
    {
        var text = response.Text;
        if (response.Usage is { InputTokenCount: { } input and >= 0 and <= int.MaxValue, OutputTokenCount: { } output and >= 0 and <= int.MaxValue } && input + output > 0)
            return new(text, (int)input, (int)output, Estimated: false);
        if (Interlocked.Exchange(ref _toldEstimated, 1) == 0)
            _logger.LogWarning("Model '{Model}': {Server} does not say how many tokens it took. They are estimated, as one for each four bytes.", _id, _options.Address.Authority);
        return new(text, (int)question.Tokens, (int)Message.Estimate(text), Estimated: true);
    }

    private static string Start(string text) => text.ReplaceLineEndings(" ") is { Length: > 60 } line ? $"{line[..60]}…" : text.ReplaceLineEndings(" ");
}
