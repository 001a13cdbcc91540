using System.Text.Json.Nodes;

namespace CoreSrl.Testing;

/// <summary>Capturing and restoring.</summary>
internal static class RestoringRules
{
    public static IEnumerable<Rule<BackendTrial>> All { get; } =
    [
        new("restored-bits", "A fresh model that is restored has the bits of the one that was captured.", BitsAsync),
        new("restored-answers", "A fresh model that is restored answers as the one that was captured.", AnswersAsync),
        new("restored-learning", "A fresh model that is restored learns on as the one that was captured, to the bit.", LearningAsync),
        new("restored-after-going-on", "A model that is restored after it went on, or failed, forgets what came after the capture.", AfterGoingOnAsync),
        new("capturing-changes-nothing", "A model that is captured at every boundary goes on as one that is not.", CapturingChangesNothingAsync),
        new("state-is-json", "A state is JSON with finite numbers, a document of its own that does not change when the model goes on.", StateIsJsonAsync),
        new("strange-states-are-refused", "A state that is something else is refused with a FormatException, if it is refused.", StrangeStatesAsync),
    ];

    private static async Task BitsAsync(BackendTrial trial)
    {
        var (model, fresh) = await trial.TwinsAsync().ConfigureAwait(false);
        await trial.TrainAsync(model, 2).ConfigureAwait(false);
        new CapturedModel(model).RestoreInto(fresh);
        var (expected, found) = (ModelBits.Of(model), ModelBits.Of(fresh));
        trial.ExpectBits(expected.Changing(), found.Changing(), "a fresh model that was restored");
        trial.ExpectSame(expected.State, found.State, "the state of a fresh model that was restored");
    }

    private static async Task AnswersAsync(BackendTrial trial)
    {
        var (model, fresh) = await trial.TwinsAsync().ConfigureAwait(false);
        await trial.TrainAsync(model, 2).ConfigureAwait(false);
        await fresh.ActAsync(trial.Requests(), default).ConfigureAwait(false);
        new CapturedModel(model).RestoreInto(fresh);
        var requests = trial.Requests();
        trial.ExpectAnswers(
            await model.ActAsync(requests, default).ConfigureAwait(false), await fresh.ActAsync(requests, default).ConfigureAwait(false), "the answers of a fresh model that was restored");
    }

    private static async Task LearningAsync(BackendTrial trial)
    {
        if (StateRules.Remembers(trial.Create()))
            return; // How it learns on depends on what the backend remembers too: the rules about that restore both.
        var (model, fresh) = await trial.TwinsAsync().ConfigureAwait(false);
        await trial.TrainAsync(model, 2).ConfigureAwait(false);
        new CapturedModel(model).RestoreInto(fresh);
        await trial.TrainAlikeAsync(3, model, fresh).ConfigureAwait(false);
        trial.ExpectBits(ModelBits.Of(model).Changing(), ModelBits.Of(fresh).Changing(), "a fresh model that was restored and learned on");
    }

    private static async Task AfterGoingOnAsync(BackendTrial trial)
    {
        var (model, other) = await trial.TwinsAsync().ConfigureAwait(false);
        await trial.TrainAlikeAsync(1, model, other).ConfigureAwait(false);
        var captured = new CapturedModel(model);
        await trial.TrainAsync(other, 2).ConfigureAwait(false);
        captured.RestoreInto(other);
        trial.ExpectBits(ModelBits.Of(model).Changing(), ModelBits.Of(other).Changing(), "a model that was restored after it went on");
        if (StateRules.Remembers(trial.Create()))
            return;
        await trial.TrainAlikeAsync(2, model, other).ConfigureAwait(false);
        trial.ExpectBits(ModelBits.Of(model).Changing(), ModelBits.Of(other).Changing(), "a model that was restored after it went on, and learned on");
    }

    private static async Task CapturingChangesNothingAsync(BackendTrial trial)
    {
        var (plain, captured) = await trial.TwinsAsync().ConfigureAwait(false);
        for (var update = 0; update < 3; update++)
        {
            _ = new CapturedModel(captured);
            await trial.TrainAlikeAsync(1, plain, captured).ConfigureAwait(false);
        }

        trial.ExpectBits(ModelBits.Of(plain), ModelBits.Of(captured), "a model that was captured at every boundary");
    }

    private static async Task StateIsJsonAsync(BackendTrial trial)
    {
        var model = await trial.CreateModelAsync(trial.Seed()).ConfigureAwait(false);
        for (var update = 0; update < 3; update++)
        {
            var state = model.CaptureState();
            trial.Expect(state is not null, "a state; an empty object is one", "it was null");
            trial.Expect(state!.Parent is null, "a document of its own", "it is part of another, so it cannot become part of a checkpoint's");
            trial.Expect(Numbers.AreFinite(state), "finite numbers in a state", "some are not");
            var before = state.ToJsonString();
            trial.Expect(JsonNode.DeepEquals(state, JsonNode.Parse(before)), "a state to be the same when it is read back", $"it is {before}");
            _ = new JsonObject { ["state"] = state };
            await trial.TrainAsync(model).ConfigureAwait(false);
            trial.ExpectSame(before, state.ToJsonString(), "the captured state of a model that went on");
        }
    }

    private static async Task StrangeStatesAsync(BackendTrial trial)
    {
        var model = await trial.CreateModelAsync(trial.Seed()).ConfigureAwait(false);
        await trial.TrainAsync(model).ConfigureAwait(false);
        var state = model.CaptureState().ToJsonString();
        List<JsonObject> strange = [[], new() { ["something"] = "else" }];
        foreach (var key in JsonNode.Parse(state)!.AsObject().Select(value => value.Key))
        {
            strange.AddRange(new JsonNode?[] { "text", null, new JsonArray(1, "two"), new JsonObject { ["three"] = 3 } }.Select(value =>
            {
                var other = JsonNode.Parse(state)!.AsObject();
                other[key] = value;
                return other;
            }));
        }

        foreach (var other in strange)
        {
            try
            {
                model.RestoreState(other);
            }
            catch (FormatException)
            {
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                throw trial.Violated($"the state {other.ToJsonString()} to be taken, or refused with a FormatException", $"there was {trial.Tell(e)}", e);
            }
        }
    }
}
