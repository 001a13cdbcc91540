using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text.Json.Nodes;
using CoreSrl.EndToEnd.Tests.Processes;
using OpenAI;
using OpenAI.Chat;

namespace CoreSrl.EndToEnd.Tests.Serving;

/// <summary>A running <c>srl serve</c>, and OpenAI's own client for it.</summary>
internal sealed class ServedCheckpoint : IDisposable
{
    private readonly Srl _process;

    private ServedCheckpoint(Srl process, JsonNode told)
    {
        _process = process;
        Told = told;
    }

    /// <summary>What it printed once it served.</summary>
    public JsonNode Told { get; }

    public Uri Address => new((string)Told["address"]!);

    public IEnumerable<string> Models => Told["models"]!.AsArray().Select(id => (string)id!);

    public static async Task<ServedCheckpoint> StartAsync(string folder, IReadOnlyDictionary<string, string>? environment, params string[] arguments)
    {
        var process = Srl.Start(folder, environment ?? new Dictionary<string, string>(), ["serve", .. arguments, "--port", "0", "--json"]);
        try
        {
            await process.WaitForAsync("\n}");
            return new(process, JsonNode.Parse(process.Output)!);
        }
        catch
        {
            process.Dispose();
            throw;
        }
    }

    public OpenAIClient Client(string key = "none") => new(new ApiKeyCredential(key), new OpenAIClientOptions { Endpoint = Address, RetryPolicy = new ClientRetryPolicy(0) });

    public async Task<ChatCompletion> AskAsync(string model, string text, ChatCompletionOptions options) =>
        await Client().GetChatClient(model).CompleteChatAsync([new UserChatMessage(text)], options);

    public async Task<SrlResult> InterruptAsync()
    {
        _process.Signal(2);
        return await _process.WaitAsync();
    }

    public void Dispose() => _process.Dispose();
}
