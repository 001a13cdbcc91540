using System.Collections.Immutable;
using CoreSrl.Abstractions;
using CoreSrl.Benchmarks.Harness;
using CoreSrl.Plugins.TorchLora;

namespace CoreSrl.Benchmarks.Training;

/// <summary>One <c>torch-lora</c> model with its default options: how fast it writes, decides and learns when it is alone.</summary>
internal static class ModelSpeed
{
    private static readonly ImmutableArray<string> Moves = ["C", "D"];

    public static async Task<IReadOnlyList<Measurement>> MeasureAsync(int runs)
    {
        await using var model = (IGradientModel)await new TorchLoraBackend(new()).CreateAsync(new("model_0", Seed: 7, Threads: 1), CancellationToken.None);
        var measurements = new List<Measurement>();
        foreach (var batch in (int[])[1, 8, 32])
        {
            var questions = Questions(batch, []);
            measurements.Add(await Measurement.TakeAsync($"free text, {batch} at once", "tokens/s", runs, () => Repeat.PerSecondAsync(async () =>
                (await ActAsync(model, questions)).Sum(response => response.Actions.Length))));
        }

        foreach (var batch in (int[])[1, 8, 32])
        {
            var questions = Questions(batch, Moves);
            measurements.Add(await Measurement.TakeAsync($"choices, {batch} at once", "decisions/s", runs, () => Repeat.PerSecondAsync(async () =>
                (await ActAsync(model, questions)).Count)));
        }

        measurements.Add(await LearnAsync("a learning step, 32 experiences of an episode", await ExperiencesAsync(model, EpisodeQuestions())));
        measurements.Add(await LearnAsync("a learning step, 64 distinct experiences", await ExperiencesAsync(model, Questions(64, Moves))));
        return measurements;

        async Task<Measurement> LearnAsync(string name, IReadOnlyList<Experience> experiences)
        {
            // Without a step size the weights stay, and with them the work.
            var batch = new LearningBatch(experiences, new() { LearningRate = 0 }, Seed: 7);
            return await Measurement.TakeAsync(name, "ms", runs, async () => 1000 / await Repeat.PerSecondAsync(async () =>
            {
                await model.ComputeGradientsAsync(batch, pass: 0, CancellationToken.None);
                await model.ApplyGradientsAsync(batch.Settings, CancellationToken.None);
                return 1;
            }));
        }
    }

    private static async Task<IReadOnlyList<ModelResponse>> ActAsync(IModel model, IReadOnlyList<Observation> questions) =>
        await model.ActAsync([.. questions.Select((question, i) => new ModelRequest(question, (ulong)i))], CancellationToken.None);

    private static async Task<IReadOnlyList<Experience>> ExperiencesAsync(IModel model, IReadOnlyList<Observation> questions)
    {
        var responses = await ActAsync(model, questions);
        return [.. questions.Zip(responses, (question, response) => new Experience(question, response, Return: 0, Advantage: response.Actions[0] == 0 ? 1 : -1))];
    }

    // Distinct, and as long as those of coop-compete.
    private static List<Observation> Questions(int count, ImmutableArray<string> choices) =>
        [.. Enumerable.Range(0, count).Select(i => new Observation($"R2/4 you C, others C {i % 10}/{i / 10}. C or D?", choices))];

    // What one of three models sees in eight games of four rounds: in each round but the first, what it and the two others did.
    private static List<Observation> EpisodeQuestions() =>
    [
        .. Enumerable.Repeat(new Observation("R1/4. C or D?", Moves), 8),
        .. from round in Enumerable.Range(2, 3)
           from game in Enumerable.Range(0, 8)
           select new Observation($"R{round}/4 you {(game % 2 == 0 ? "C" : "D")}, others C {game % 3}/2. C or D?", Moves),
    ];
}
