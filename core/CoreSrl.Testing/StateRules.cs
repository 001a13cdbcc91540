using System.Text.Json.Nodes;
using CoreSrl.Abstractions;

namespace CoreSrl.Testing;

/// <summary>
/// What <see cref="IStatefulPlugin"/> promises, for plugins of any contract: what is remembered travels in checkpoints, and nothing
/// else is remembered. A plugin that is none keeps these rules.
/// </summary>
internal static class StateRules
{
    private const int Steps = 40;
    private const int ManySteps = 1_000;
    private const int MaxLength = 1 << 20;

    /// <summary>The rules for one contract.</summary>
    /// <param name="prepare">Prepares a run.</param>
    /// <param name="of">What comes before the rules' names where the contract has others of these names.</param>
    public static IEnumerable<Rule<TTrial>> Of<TTrial, TPlugin>(Func<TTrial, StateRun<TPlugin>> prepare, string of = "")
        where TTrial : PluginTrial<TPlugin>
        where TPlugin : class =>
    [
        new($"{of}state-is-json", "What a plugin remembers is JSON with finite numbers, or nothing.", trial => IsJsonAsync(trial, prepare(trial))),
        new($"{of}state-stays-small", "What a plugin remembers travels in every checkpoint, and stays below 1 MiB however long a run is.", trial => StaysSmallAsync(trial, prepare(trial))),
        new($"{of}capturing-is-quick", "A state is captured at every boundary while training waits, so that must be quick, however long a run is.", trial => CapturingIsQuickAsync(trial, prepare(trial))),
        new($"{of}state-is-a-copy", "A captured state is the trainer's: a document of its own that does not change when the plugin goes on.", trial => IsACopyAsync(trial, prepare(trial))),
        new($"{of}capturing-changes-nothing", "A plugin whose state is captured at every boundary goes on as one whose state is not.", trial => CapturingChangesNothingAsync(trial, prepare(trial))),
        new($"{of}restored-goes-on", "A fresh plugin with a captured state goes on as the one that it was captured from.", trial => RestoredGoesOnAsync(trial, prepare(trial), used: false)),
        new($"{of}restored-forgets", "A plugin that gets an earlier state back forgets what came after it.", trial => RestoredGoesOnAsync(trial, prepare(trial), used: true)),
    ];

    /// <summary>Whether a plugin remembers anything that travels in checkpoints.</summary>
    public static bool Remembers(object plugin) => plugin is IStatefulPlugin stateful && stateful.CaptureState() is not null;

    private static async Task IsJsonAsync<TPlugin>(PluginTrial<TPlugin> trial, StateRun<TPlugin> run)
        where TPlugin : class
    {
        var plugin = await run.CreateAsync().ConfigureAwait(false);
        for (var step = 0; step < Steps && plugin is IStatefulPlugin stateful; step++)
        {
            var captured = stateful.CaptureState();
            if (!TryWrite(captured, out var text, out var problem))
                throw trial.Violated($"a state that is JSON after {step} steps", problem);
            trial.Expect(JsonNode.DeepEquals(captured, Read(text)), $"the state after {step} steps to be the same when it is read back", $"it is {text}");
            await run.ShowAsync(plugin, step).ConfigureAwait(false);
        }
    }

    private static async Task StaysSmallAsync<TPlugin>(PluginTrial<TPlugin> trial, StateRun<TPlugin> run)
        where TPlugin : class
    {
        if (await AfterManyStepsAsync(trial, run).ConfigureAwait(false) is { } plugin && TryWrite(plugin.CaptureState(), out var text, out _))
            trial.Expect(text.Length <= MaxLength, $"a state of at most {MaxLength} characters after {ManySteps} steps", $"it has {text.Length}");
    }

    private static async Task CapturingIsQuickAsync<TPlugin>(PluginTrial<TPlugin> trial, StateRun<TPlugin> run)
        where TPlugin : class
    {
        if (await AfterManyStepsAsync(trial, run).ConfigureAwait(false) is { } plugin)
            trial.ExpectQuick(() => plugin.CaptureState(), $"a capture after {ManySteps} steps");
    }

    private static async Task<IStatefulPlugin?> AfterManyStepsAsync<TPlugin>(PluginTrial<TPlugin> trial, StateRun<TPlugin> run)
        where TPlugin : class
    {
        var plugin = await run.CreateAsync().ConfigureAwait(false);
        for (var step = 0; step < ManySteps && plugin is IStatefulPlugin; step++)
            await run.ShowAsync(plugin, step).ConfigureAwait(false);
        return plugin as IStatefulPlugin;
    }

    private static async Task IsACopyAsync<TPlugin>(PluginTrial<TPlugin> trial, StateRun<TPlugin> run)
        where TPlugin : class
    {
        var plugin = await run.CreateAsync().ConfigureAwait(false);
        if (plugin is not IStatefulPlugin stateful)
            return;
        for (var step = 0; step < Steps; step++)
        {
            await run.ShowAsync(plugin, step).ConfigureAwait(false);
            var captured = stateful.CaptureState();
            if (!TryWrite(captured, out var before, out _))
                return;
            trial.Expect(captured?.Parent is null, "a document of its own", "it is part of another, so it cannot become part of the trainer's");
            _ = new JsonObject { ["plugin"] = captured };
            await run.ShowAsync(plugin, step + 1).ConfigureAwait(false);
            trial.Expect(TryWrite(captured, out var after, out _) && after == before, $"the captured state to stay {before}", $"it became {after}");
        }
    }

    private static async Task CapturingChangesNothingAsync<TPlugin>(PluginTrial<TPlugin> trial, StateRun<TPlugin> run)
        where TPlugin : class
    {
        var (plain, captured) = (await run.CreateAsync().ConfigureAwait(false), await run.CreateAsync().ConfigureAwait(false));
        for (var step = 0; step < Steps && captured is IStatefulPlugin stateful; step++)
        {
            stateful.CaptureState();
            trial.ExpectSame(
                await run.ShowAsync(plain, step).ConfigureAwait(false),
                await run.ShowAsync(captured, step).ConfigureAwait(false), $"step {step} of the plugin whose state was captured");
        }
    }

    private static async Task RestoredGoesOnAsync<TPlugin>(PluginTrial<TPlugin> trial, StateRun<TPlugin> run, bool used)
        where TPlugin : class
    {
        foreach (var captured in new[] { 0, 1, Steps / 2 })
        {
            var (plugin, other) = (await run.CreateAsync().ConfigureAwait(false), await run.CreateAsync().ConfigureAwait(false));
            if (plugin is not IStatefulPlugin stateful || other is not IStatefulPlugin restored)
                return;
            for (var step = 0; step < captured; step++)
                await run.ShowAsync(plugin, step).ConfigureAwait(false);
            for (var step = 0; used && step < Steps; step++)
                await run.ShowAsync(other, step).ConfigureAwait(false);
            if (!TryWrite(stateful.CaptureState(), out var state, out _))
                return;
            run.Carry(plugin, other);
            restored.RestoreState(Read(state));
            for (var step = captured; step < Steps; step++)
            {
                trial.ExpectSame(
                    await run.ShowAsync(plugin, step).ConfigureAwait(false), await run.ShowAsync(other, step).ConfigureAwait(false),
                    $"step {step} of the plugin that got the state after {captured} steps back");
            }
        }
    }

    private static bool TryWrite(JsonNode? state, out string text, out string problem)
    {
        (text, problem) = ("null", "");
        try
        {
            text = state?.ToJsonString() ?? "null";
            return true;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            problem = $"it cannot be written: {e.Message}";
            return false;
        }
    }

    private static JsonNode? Read(string text) => JsonNode.Parse(text);
}
