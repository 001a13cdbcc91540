using System.ComponentModel.DataAnnotations;

namespace CoreSrl.Plugins.ChatModels;

/// <summary>What the options of all chat players have in common. None of them is a secret: keys come from the environment alone.</summary>
public abstract record ChatModelOptions : IValidatableObject
{
    private protected const string Stop = "stop";
    private protected const string SitOut = "sit-out";

    /// <summary>The model's name, as the server knows it.</summary>
    /// <value>Required.</value>
    [Required]
    public string? Model { get; init; }

    /// <summary>What the model is told before everything else.</summary>
    /// <value>Default: none.</value>
    [MinLength(1)]
    public string? SystemPrompt { get; init; }

    /// <summary>The most tokens of one answer, with what the model thinks before it.</summary>
    /// <value>Default: 1024. Range: 1 to 1,000,000.</value>
    [Range(1, 1_000_000)]
    public int MaxTokens { get; init; } = 1024;

    /// <summary>How many requests are on their way at a time.</summary>
    /// <value>Default: 4. Range: 1 to 256.</value>
    [Range(1, 256)]
    public int Parallelism { get; init; } = 4;

    /// <summary>For how long one try of a request may take.</summary>
    /// <value>Default: 00:01:00. Range: 00:00:00.1 to 01:00:00.</value>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00", ParseLimitsInInvariantCulture = true, ConvertValueInInvariantCulture = true)]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How often a request is tried again when the server is busy, broken or out of reach.</summary>
    /// <value>Default: 5. Range: 0 to 100.</value>
    [Range(0, 100)]
    public int Retries { get; init; } = 5;

    /// <summary>The wait before a request is first tried again; it doubles each time, up to a minute. What the server asks for in
    /// <c>Retry-After</c> is waited instead, up to ten minutes.</summary>
    /// <value>Default: 00:00:01. Range: 00:00:00 to 00:01:00.</value>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00", ParseLimitsInInvariantCulture = true, ConvertValueInInvariantCulture = true)]
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The most requests a minute, evenly spaced; tries count.</summary>
    /// <value>Default: none. Range: 1 to 1,000,000.</value>
    [Range(1, 1_000_000)]
    public int? RequestsPerMinute { get; init; }

    /// <summary>The most tokens a minute: each request waits until those before it are paid off. Before an answer is there, its prompt
    /// counts as estimated and its answer as <see cref="MaxTokens"/>.</summary>
    /// <value>Default: none. Range: 1 to 1,000,000,000.</value>
    [Range(1, 1_000_000_000)]
    public int? TokensPerMinute { get; init; }

    /// <summary>The most requests of the run that are answered.</summary>
    /// <value>Default: none. Range: from 1.</value>
    [Range(1, long.MaxValue)]
    public long? MaxRequests { get; init; }

    /// <summary>The most tokens of the run, prompts and answers together. A request is made only if its prompt, as
    /// estimated and no less than the average so far, and <see cref="MaxTokens"/> still fit.</summary>
    /// <value>Default: none. Range: from 1.</value>
    [Range(1, long.MaxValue)]
    public long? TokenBudget { get; init; }

    /// <summary>The most money of the run, in the currency of the prices; it is kept as <see cref="TokenBudget"/> is.</summary>
    /// <value>Default: none; needs both prices. Range: 0 to 1,000,000,000.</value>
    [Range(0.0, 1e9)]
    public double? MoneyBudget { get; init; }

    /// <summary>The price of a million tokens of prompts.</summary>
    /// <value>Default: none, and no money is counted. Range: 0 to 1,000,000.</value>
    [Range(0.0, 1e6)]
    public double? InputPrice { get; init; }

    /// <summary>The price of a million tokens of answers.</summary>
    /// <value>Default: none, and no money is counted. Range: 0 to 1,000,000.</value>
    [Range(0.0, 1e6)]
    public double? OutputPrice { get; init; }

    /// <summary>What happens when the server stays out of reach, or a budget has run out: <c>stop</c> ends the run, after the last good
    /// episode has been saved; <c>sit-out</c> plays on without asking, with choices drawn from the request's seed and empty texts, until
    /// the model's next update, or to the end of the run where it is a budget.</summary>
    /// <value>Default: <c>stop</c>.</value>
    [AllowedValues(Stop, SitOut)]
    public string WhenUnavailable { get; init; } = Stop;

    /// <summary>The most tokens, as estimated, of the memory of earlier plays, from which each request takes its examples.</summary>
    /// <value>Default: 2000; 0 for no memory. Range: 0 to 1,000,000.</value>
    [Range(0, 1_000_000)]
    public int MemoryTokens { get; init; } = 2000;

    /// <summary>The share of examples that a request goes without, drawn from its seed, so that other answers get their chance.</summary>
    /// <value>Default: 0.1. Range: 0 to 1.</value>
    [Range(0.0, 1.0)]
    public double Exploration { get; init; } = 0.1;

    /// <summary>The file in which every request is recorded with its answer, one JSON object a line, and from which a request that is
    /// in it is answered. A relative path counts from the current directory. Each model needs a file of its own.</summary>
    /// <value>Default: none.</value>
    [MinLength(1)]
    public string? Recording { get; init; }

    /// <summary>Whether only what is recorded is answered: nothing is asked, no key is needed, and a request that is not there is an
    /// error.</summary>
    /// <value>Default: false.</value>
    public bool ReplayOnly { get; init; }

    /// <summary>Whether the model plays on without its server.</summary>
    internal bool SitsOut => WhenUnavailable == SitOut;

    /// <summary>The server's address.</summary>
    internal abstract Uri Address { get; }

    /// <summary>The temperature that is sent; null for none.</summary>
    internal virtual double? SentTemperature => null;

    /// <summary>Whether a seed is sent.</summary>
    internal virtual bool SendsSeed => false;

    /// <summary>The environment variable that holds the key.</summary>
    internal abstract string KeyVariable { get; }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (MoneyBudget is not null && (InputPrice is null || OutputPrice is null))
            yield return new("MoneyBudget needs InputPrice and OutputPrice, the prices of a million tokens.", [nameof(MoneyBudget)]);
        if (ReplayOnly && Recording is null)
            yield return new("ReplayOnly answers from a Recording, and none is named.", [nameof(ReplayOnly)]);
        if (string.IsNullOrWhiteSpace(KeyVariable) || KeyVariable.Contains('=', StringComparison.Ordinal))
            yield return new("ApiKeyVariable must be the name of an environment variable, such as OPENAI_API_KEY.", ["ApiKeyVariable"]);
        if (!Address.IsAbsoluteUri || Address.Scheme is not ("http" or "https"))
            yield return new("BaseAddress must be an absolute address such as https://chat.example/v1.", ["BaseAddress"]);
        else if (Address.UserInfo.Length > 0 || Address.Query.Length > 0 || Address.Fragment.Length > 0)
            yield return new("BaseAddress must have neither a user's name nor a query: a key stands in an environment variable (ApiKeyVariable).", ["BaseAddress"]);
    }
}
