using System.Net;
using System.Text.Json.Nodes;

namespace CoreSrl.Server.Tests;

/// <summary>What cannot be answered is refused in the protocol's form, with what is wrong.</summary>
public sealed class RefusalTests
{
    [Theory]
    [InlineData("\"n\": 2", "n", "'n' is not supported. Leave it out.")]
    [InlineData("\"tools\": [ { \"type\": \"function\" } ]", "tools", "'tools' is not supported. Leave it out.")]
    [InlineData("\"logprobs\": true", "logprobs", "'logprobs' is not supported. Leave it out.")]
    [InlineData("\"frequency_penalty\": 0.5", "frequency_penalty", "'frequency_penalty' is not supported. Leave it out.")]
    [InlineData("\"response_format\": { \"type\": \"json_object\" }", "response_format", "'response_format' is not supported. Leave it out.")]
    [InlineData("\"temprature\": 1", "temprature", "'temprature' is not supported. Leave it out.")]
    [InlineData("\"temperature\": 2.5", "temperature", "'temperature' must be a number from 0 to 2.")]
    [InlineData("\"temperature\": \"hot\"", "temperature", "'temperature' must be a number.")]
    [InlineData("\"temperature\": 1e999", "temperature", "'temperature' must be a number from 0 to 2.")]
    [InlineData("\"top_p\": 0", "top_p", "'top_p' must be above 0.")]
    [InlineData("\"max_tokens\": 0", "max_tokens", "'max_tokens' must be a whole number, at least 1.")]
    [InlineData("\"max_tokens\": 1.5", "max_tokens", "'max_tokens' must be a whole number, at least 1.")]
    [InlineData("\"seed\": 1e30", "seed", "'seed' must be a whole number of 64 bits.")]
    [InlineData("\"stop\": [ 1 ]", "stop", "'stop' must be a text or a list of texts.")]
    [InlineData("\"stop\": \"\"", "stop", "'stop' holds an empty text, before which every answer would end.")]
    [InlineData("\"stop\": [ \"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\",\"10\",\"11\",\"12\",\"13\",\"14\",\"15\",\"16\",\"17\" ]", "stop", "'stop' holds 17 texts; 16 are the most.")]
    [InlineData("\"stop\": \"\\ud800\"", "stop", "'stop' must be text without halves of characters.")]
    [InlineData("\"stream\": 1", "stream", "'stream' must be true or false.")]
    [InlineData("\"stream_options\": { \"include_usage\": true }", "stream_options", "'stream_options' is for requests with 'stream': true.")]
    [InlineData("\"stream\": true, \"stream_options\": { \"include_usage\": 1 }", "stream_options.include_usage", "'stream_options.include_usage' must be true or false.")]
    public async Task A_field_is_refused_by_its_name(string field, string name, string message) => await AssertRefusedAsync(Served.Body(field), message, name);

    [Theory]
    [InlineData("""{ "messages": [] }""", "model", "'model' is missing: the name of a model, as GET /v1/models lists them.")]
    [InlineData("""{ "model": "one" }""", "messages", "'messages' is missing: a list of { \"role\", \"content\" }, at least one.")]
    [InlineData("""{ "model": "one", "messages": [ "Hi" ] }""", "messages[0]", "'messages[0]' must be an object.")]
    [InlineData("""{ "model": "one", "messages": [ { "role": "tool", "content": "" } ] }""", "messages[0].role", "'messages[0].role' must be system, developer, user or assistant.")]
    [InlineData("""{ "model": "one", "messages": [ { "role": "user" } ] }""", "messages[0].content", "'messages[0].content' must be a text.")]
    [InlineData("""{ "model": "one", "messages": [ { "role": "user", "content": [ { "type": "image_url" } ] } ] }""", "messages[0].content[0].type", "'messages[0].content[0].type' must be text: nothing else is read.")]
    [InlineData("""{ "model": "one", "messages": [ { "role": "assistant", "content": "", "tool_calls": [] } ] }""", "messages[0].tool_calls", "'messages[0].tool_calls' must be left out: it is not supported.")]
    [InlineData("[]", null, "The request must be a JSON object.")]
    public async Task So_is_what_is_missing_or_of_another_kind(string body, string? name, string message) => await AssertRefusedAsync(body, message, name);

    [Theory]
    [InlineData("{ \"model\": ")]
    [InlineData("")]
    [InlineData("{ \"model\": \"one\", \"model\": \"two\" }")]
    public async Task What_is_no_JSON_is_told(string body)
    {
        await using var served = await Served.StartAsync(new ScriptedModel("a"));
        var error = (await served.AnswerAsync(body, HttpStatusCode.BadRequest))["error"]!;
        Assert.StartsWith("The request is not valid JSON: ", (string)error["message"]!, StringComparison.Ordinal);
        Assert.Equal("invalid_json", (string?)error["code"]);
    }

    [Theory]
    [InlineData("\"user\": \"me\", \"store\": false, \"metadata\": {}, \"service_tier\": \"auto\", \"parallel_tool_calls\": true")]
    [InlineData("\"n\": 1, \"logprobs\": false, \"frequency_penalty\": 0, \"presence_penalty\": 0.0, \"logit_bias\": {}, \"tools\": [], \"tool_choice\": \"none\", \"response_format\": { \"type\": \"text\" }, \"modalities\": [ \"text\" ]")]
    [InlineData("\"reasoning_effort\": null")]
    public async Task What_changes_no_answer_is_passed_over(string fields)
    {
        await using var served = await Served.StartAsync(new ScriptedModel("a"));
        Assert.Equal("a", (string?)(await served.AnswerAsync(Served.Body(fields)))["choices"]![0]!["message"]!["content"]);
    }

    [Fact]
    public async Task An_unknown_model_gets_the_names_of_those_there_are()
    {
        await using var served = await Served.StartAsync(new ScriptedModel("a"));
        foreach (var error in new[] { await served.AnswerAsync(Served.Body(model: "three"), HttpStatusCode.NotFound), await served.GetAsync("/v1/models/three", HttpStatusCode.NotFound) })
            AssertError(error, "There is no model 'three' here; there is 'one', 'two'.", "model", "model_not_found");
    }

    [Theory]
    [InlineData("GET", "/v1/completions", HttpStatusCode.NotFound)]
    [InlineData("DELETE", "/v1/models", HttpStatusCode.MethodNotAllowed)]
    public async Task Another_address_is_told_what_there_is(string method, string path, HttpStatusCode status)
    {
        await using var served = await Served.StartAsync(new ScriptedModel("a"));
        AssertError(
            await Served.JsonAsync(await served.SendAsync(new(method), path), status),
            $"There is no {method} {path} here; there is GET /v1/models, GET /v1/models/ID and POST /v1/chat/completions.", null, null);
    }

    [Theory]
    [InlineData(null, "This server asks for a key: send it as 'Authorization: Bearer KEY'.")]
    [InlineData("Basic c2VjcmV0", "This server asks for a key: send it as 'Authorization: Bearer KEY'.")]
    [InlineData("Bearer Secret", "The key is not this server's.")]
    [InlineData("Bearer secretsecret", "The key is not this server's.")]
    public async Task Without_the_key_nobody_is_answered(string? shown, string message)
    {
        var model = new ScriptedModel("a");
        await using var served = await Served.StartAsync(model, new() { Key = "secret" });
        foreach (var (method, path) in new[] { (HttpMethod.Get, "/v1/models"), (HttpMethod.Post, "/v1/chat/completions"), (HttpMethod.Get, "/v1/models/one") })
            AssertError(await Served.JsonAsync(await served.SendAsync(method, path, method == HttpMethod.Post ? Served.Body() : null, shown), HttpStatusCode.Unauthorized), message, null, "invalid_api_key", "authentication_error");
        Assert.Empty(model.Requests);
        await Served.JsonAsync(await served.SendAsync(HttpMethod.Post, "/v1/chat/completions", Served.Body(), "bearer secret"));
        Assert.DoesNotContain("secret", new ChatServerOptions { Key = "secret" }.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_that_is_too_long_or_of_another_type_is_not_read()
    {
        await using var served = await Served.StartAsync(new ScriptedModel("a"), new() { MaxRequestBytes = 1000 });
        AssertError(await served.AnswerAsync(Served.Body($"\"user\": \"{new string('x', 1000)}\""), HttpStatusCode.RequestEntityTooLarge), "The request is too long.", null, null);
        AssertError(
            await Served.JsonAsync(await served.SendAsync(HttpMethod.Post, "/v1/chat/completions", Served.Body(), type: "text/plain"), HttpStatusCode.UnsupportedMediaType),
            "The request must be of the type application/json.", null, null);
    }

    [Theory]
    [InlineData("\"stream\": true")]
    [InlineData("\"stream\": false")]
    public async Task What_the_model_refuses_is_told_with_a_status(string field)
    {
        await using var served = await Served.StartAsync(new ScriptedModel("a") { Refusal = new ArgumentException("The conversation is too long.") });
        AssertError(await served.AnswerAsync(Served.Body(field), HttpStatusCode.BadRequest), "The conversation is too long.", "messages", "invalid_value");
        Assert.Empty(served.Told);
    }

    [Fact]
    public async Task A_model_that_fails_is_the_servers_fault_and_told_to_whoever_runs_it()
    {
        await using var served = await Served.StartAsync(new ScriptedModel("a", "b") { Between = _ => throw new InvalidOperationException("It ran away.") });
        AssertError(await served.AnswerAsync(Served.Body(), HttpStatusCode.InternalServerError), "The model failed: It ran away.", null, null, "server_error");
        Assert.Equal(["A request failed: It ran away. (InvalidOperationException)"], served.Told);
    }

    [Fact]
    public async Task One_that_fails_in_the_middle_of_a_stream_ends_it_with_an_error()
    {
        await using var served = await Served.StartAsync(new ScriptedModel("a", "b") { Between = _ => throw new InvalidOperationException("It ran away.") });
        var events = await served.StreamAsync(Served.Body("\"stream\": true"));
        AssertError(JsonNode.Parse(events[^1])!, "The model failed: It ran away.", null, null, "server_error");
    }

    private static async Task AssertRefusedAsync(string body, string message, string? field)
    {
        var model = new ScriptedModel("a");
        await using var served = await Served.StartAsync(model);
        var error = (await served.AnswerAsync(body, HttpStatusCode.BadRequest))["error"]!;
        Assert.Equal((message, field, "invalid_request_error"), ((string?)error["message"], (string?)error["param"], (string?)error["type"]));
        Assert.Empty(model.Requests);
    }

    private static void AssertError(JsonNode json, string message, string? field, string? code, string type = "invalid_request_error")
    {
        var error = json["error"]!;
        Assert.Equal((message, field, code, type), ((string?)error["message"], (string?)error["param"], (string?)error["code"], (string?)error["type"]));
    }
}
