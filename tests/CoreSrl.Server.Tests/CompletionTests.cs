using System.Text.Json.Nodes;
using CoreSrl.Abstractions;

namespace CoreSrl.Server.Tests;

/// <summary>What is asked reaches the model, and what it says comes back.</summary>
public sealed class CompletionTests
{
    [Fact]
    public async Task An_answer_comes_as_a_whole()
    {
        await using var served = await Served.StartAsync(new ScriptedModel("Grüße, ", "世界", "!"));
        var json = await served.AnswerAsync(Served.Body());
        Assert.StartsWith("chatcmpl-", (string)json["id"]!, StringComparison.Ordinal);
        Assert.Equal(("chat.completion", "one", "ep_1"), ((string)json["object"]!, (string)json["model"]!, (string)json["system_fingerprint"]!));
        Assert.InRange((long)json["created"]!, DateTimeOffset.UtcNow.AddMinutes(-1).ToUnixTimeSeconds(), DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        AssertJson("""[ { "index": 0, "message": { "role": "assistant", "content": "Grüße, 世界!", "refusal": null }, "logprobs": null, "finish_reason": "stop" } ]""", json["choices"]);
        AssertJson("""{ "prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10 }""", json["usage"]);
    }

    [Fact]
    public async Task Or_in_pieces()
    {
        await using var served = await Served.StartAsync(new ScriptedModel("Grüße, ", "世界", ""));
        var events = await served.StreamAsync(Served.Body("\"stream\": true, \"stream_options\": { \"include_usage\": true }"));
        Assert.Equal("[DONE]", events[^1]);
        var pieces = events[..^1].ConvertAll(text => JsonNode.Parse(text)!);
        Assert.All(pieces, piece => Assert.Equal(("chat.completion.chunk", "one"), ((string)piece["object"]!, (string)piece["model"]!)));
        Assert.Single(pieces.Select(piece => (string)piece["id"]!).Distinct());
        Assert.Equal(
            ["""{"role":"assistant","content":""}""", """{"content":"Grüße, "}""", """{"content":"世界"}""", "{}"],
            pieces[..^1].Select(piece => piece["choices"]![0]!["delta"]!.ToJsonString(Relaxed)));
        Assert.Equal([null, null, null, "stop"], pieces[..^1].Select(piece => (string?)piece["choices"]![0]!["finish_reason"]));
        AssertJson("[]", pieces[^1]["choices"]);
        AssertJson("""{ "prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10 }""", pieces[^1]["usage"]);
    }

    [Fact]
    public async Task A_piece_is_sent_when_it_is_there()
    {
        var goOn = new TaskCompletionSource();
        await using var served = await Served.StartAsync(new ScriptedModel("first", "second") { Between = goOn.Task.WaitAsync });
        using var response = await served.CompleteAsync(Served.Body("\"stream\": true"));
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        while (!(await reader.ReadLineAsync())!.Contains("first", StringComparison.Ordinal))
        {
        }

        goOn.SetResult();
        var rest = await reader.ReadToEndAsync();
        Assert.Contains("second", rest, StringComparison.Ordinal);
        Assert.DoesNotContain("usage", rest, StringComparison.Ordinal);
        Assert.EndsWith("data: [DONE]\n\n", rest, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_says_how_to_answer_reaches_the_model()
    {
        var model = new ScriptedModel("a");
        await using var served = await Served.StartAsync(model);
        var json = await served.AnswerAsync("""
            {
              "model": "one", "temperature": 0.5, "top_p": 0.9, "max_tokens": 10, "max_completion_tokens": 5, "stop": [ "\n", "END" ], "seed": -1,
              "messages": [
                { "role": "developer", "content": "Be kind.", "name": null },
                { "role": "user", "content": [ { "type": "text", "text": "One " }, { "type": "text", "text": "line" } ] },
                { "role": "assistant", "content": "Yes.", "refusal": null, "tool_calls": null },
                { "role": "user", "content": "" }
              ]
            }
            """);
        Assert.Equal("length", (string?)json["choices"]![0]!["finish_reason"]);
        var request = Assert.Single(model.Requests);
        Assert.Equal([new("system", "Be kind."), new("user", "One line"), new("assistant", "Yes."), new("user", "")], request.Turns);
        Assert.Equal((0.5, 0.9, 5, ulong.MaxValue), (request.Temperature, request.TopP, request.MaxTokens, request.Seed));
        Assert.Equal(["\n", "END"], request.StopStrings!);
    }

    [Fact]
    public async Task What_is_not_said_is_the_models_own_and_each_answer_has_another_seed()
    {
        var model = new ScriptedModel("a");
        await using var served = await Served.StartAsync(model);
        await served.AnswerAsync(Served.Body("\"temperature\": null, \"stop\": null, \"seed\": null, \"stream\": null"));
        await served.AnswerAsync(Served.Body("\"stop\": \"x\""));
        Assert.Equal(new ChatRequest(model.Requests[0].Turns, model.Requests[0].Seed), model.Requests[0]);
        Assert.Equal(["x"], model.Requests[1].StopStrings!);
        Assert.NotEqual(model.Requests[0].Seed, model.Requests[1].Seed);
    }

    [Fact]
    public async Task The_models_are_listed_and_asked_by_name()
    {
        await using var served = await Served.StartAsync(new ScriptedModel("One."));
        AssertJson("""
            { "object": "list", "data": [
              { "id": "one", "object": "model", "created": 1700000000, "owned_by": "core-srl" },
              { "id": "two", "object": "model", "created": 1700000000, "owned_by": "core-srl" } ] }
            """, await served.GetAsync("/v1/models"));
        AssertJson("""{ "id": "two", "object": "model", "created": 1700000000, "owned_by": "core-srl" }""", await served.GetAsync("/v1/models/two"));
        Assert.Equal("One.", (string?)(await served.AnswerAsync(Served.Body()))["choices"]![0]!["message"]!["content"]);
        Assert.Equal("Two.", (string?)(await served.AnswerAsync(Served.Body(model: "two")))["choices"]![0]!["message"]!["content"]);
    }

    [Fact]
    public async Task A_model_answers_one_after_the_other()
    {
        // It fails when it is asked twice at once.
        await using var served = await Served.StartAsync(new ScriptedModel("a", "b", "c") { Between = cancellation => Task.Delay(5, cancellation) });
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => served.AnswerAsync(Served.Body())));
        Assert.All(answers, answer => Assert.Equal("abc", (string?)answer["choices"]![0]!["message"]!["content"]));
    }

    private static System.Text.Json.JsonSerializerOptions Relaxed { get; } = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static void AssertJson(string expected, JsonNode? actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), actual), $"Expected {expected}, found {actual?.ToJsonString()}");
}
