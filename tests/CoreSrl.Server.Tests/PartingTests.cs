using System.Net;

namespace CoreSrl.Server.Tests;

/// <summary>Who goes away holds nobody up.</summary>
public sealed class PartingTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_client_that_hangs_up_stops_its_answer_and_the_next_is_served()
    {
        var model = new ScriptedModel("a", "b") { Between = cancellation => Task.Delay(Timeout.Infinite, cancellation) };
        await using var served = await Served.StartAsync(model);
        foreach (var streams in new[] { true, false })
        {
            using var hanging = new CancellationTokenSource();
            var asking = served.CompleteAsync(Served.Body($"\"stream\": {(streams ? "true" : "false")}"), hanging.Token);
            await WaitUntilAsync(() => model.Requests.Count > 0);
            if (streams)
                (await asking).Dispose();
            else
                await hanging.CancelAsync();
            await model.Ended.Task.WaitAsync(Limit);
            model.Requests.Clear();
        }

        model.Between = _ => Task.CompletedTask;
        Assert.Equal("ab", (string?)(await served.AnswerAsync(Served.Body()))["choices"]![0]!["message"]!["content"]);
        Assert.Empty(served.Told);
    }

    [Fact]
    public async Task When_too_many_wait_the_next_is_sent_away()
    {
        var goOn = new TaskCompletionSource();
        var model = new ScriptedModel("a", "b") { Between = goOn.Task.WaitAsync };
        await using var served = await Served.StartAsync(model, new() { MaxWaiting = 1 });
        var first = served.CompleteAsync(Served.Body());
        await WaitUntilAsync(() => model.Requests.Count == 1);
        var others = Enumerable.Range(0, 2).Select(_ => served.CompleteAsync(Served.Body())).ToList();
        var refused = await await Task.WhenAny(others).WaitAsync(Limit);
        var error = (await Served.JsonAsync(refused, HttpStatusCode.TooManyRequests))["error"]!;
        Assert.Equal("1 requests wait for the model 'one' already. Try again later.", (string?)error["message"]);
        goOn.SetResult();
        await Served.JsonAsync(await first);
        others.RemoveAll(other => other.IsCompletedSuccessfully && other.Result.StatusCode == HttpStatusCode.TooManyRequests);
        await Served.JsonAsync(await Assert.Single(others));
        await served.AnswerAsync(Served.Body());
    }

    [Fact]
    public async Task A_server_that_stops_breaks_answers_off()
    {
        var model = new ScriptedModel("a", "b") { Between = cancellation => Task.Delay(Timeout.Infinite, cancellation) };
        var served = await Served.StartAsync(model);
        using var response = await served.CompleteAsync(Served.Body("\"stream\": true"));
        var reading = response.Content.ReadAsStringAsync();
        await served.Server.DisposeAsync().AsTask().WaitAsync(Limit);
        await model.Ended.Task.WaitAsync(Limit);
        Assert.DoesNotContain("[DONE]", await reading.WaitAsync(Limit), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_told()
    {
        await using var served = await Served.StartAsync(new ScriptedModel("a"));
        await Assert.ThrowsAsync<IOException>(() => ChatServer.StartAsync([], new() { Port = served.Server.Address.Port }, _ => { }));
    }

    private static async Task WaitUntilAsync(Func<bool> isTrue)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (!isTrue())
            await Task.Delay(5, limit.Token);
    }
}
