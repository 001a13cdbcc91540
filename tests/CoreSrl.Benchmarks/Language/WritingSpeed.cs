using System.Collections.Immutable;
using System.Diagnostics;
using CoreSrl.Abstractions;
using CoreSrl.Benchmarks.Harness;
using CoreSrl.Plugins.TorchLora;

namespace CoreSrl.Benchmarks.Language;

/// <summary>Tokens per second of free text, the reading of the prompts included.</summary>
internal static class WritingSpeed
{
    private const int Prompt = 32;
    private const int Tokens = 64;

    private static readonly int[] Batches = [1, 8, 32];

    public static async Task<IReadOnlyList<Measurement>> MeasureAsync(string folder, int threads, int runs, string? llama, Action<string> progress)
    {
        await using var model = await CreateAsync(folder, threads);
        await using var peer = llama is null ? null : await StartAsync(folder, llama, threads);
        var probes = new List<Probe>();
        foreach (var batch in Batches)
        {
            probes.Add(Probe.Of(Ours(batch), () => WriteAsync(model, batch)));
            if (peer is not null)
                probes.Add(Probe.Of(Theirs(batch), () => peer.WriteAsync(batch, Prompt, Tokens)));
        }

        var times = (await Interleaved.TakeAsync(probes, runs, progress)).ToDictionary(time => time.Name);
        var speeds = times.Values.Select(time => new Measurement(time.Name, "tokens/s", [.. time.Values.Select(value => BatchOf(time.Name) * Tokens * 1000 / value)])).ToList();
        if (peer is null)
            return speeds;
        var byName = speeds.ToDictionary(speed => speed.Name);
        // Round by round: what drifts on the machine meets both.
        var ratios = Batches.Select(batch => new Measurement(
            $"{batch} at once, to llama.cpp (node-llama-cpp {peer.Version})", "x",
            [.. byName[Ours(batch)].Values.Zip(byName[Theirs(batch)].Values, (ours, theirs) => ours / theirs)]));
        return [.. speeds, .. ratios];
    }

    public static ImmutableArray<ModelRequest> Requests(int batch) =>
        [.. Enumerable.Range(0, batch).Select(i => new ModelRequest(new(string.Concat(Enumerable.Range(0, Prompt).Select(j => (char)(' ' + 1 + (((7 * i) + j) % 90))))), (ulong)i))];

    /// <param name="folder">The model's.</param>
    /// <param name="threads">How many threads an operation may use.</param>
    /// <param name="isFrugal">Whether it learns in less memory, each layer computed twice.</param>
    public static async Task<IGradientModel> CreateAsync(string folder, int threads, bool isFrugal = false) => (IGradientModel)await new TorchLoraBackend(new()
    {
        GradientCheckpointing = isFrugal,
        Path = folder,
        LoraRank = 16,
        LoraAlpha = 32,
        MaxTokens = Tokens,
    }).CreateAsync(new("model_0", Seed: 7, threads), CancellationToken.None);

    private static async Task<TimeSpan> WriteAsync(IGradientModel model, int batch)
    {
        var requests = Requests(batch);
        var clock = Stopwatch.StartNew();
        var answers = await model.ActAsync(requests, CancellationToken.None);
        var taken = clock.Elapsed;
        return answers.All(answer => answer.Actions.Length == Tokens) ? taken : throw new InvalidOperationException("An answer ended before its time.");
    }

    private static async Task<LlamaPeer> StartAsync(string folder, string llama, int threads)
    {
        var file = Path.Combine(folder, "half-billion.gguf");
        await GgufFile.WriteAsync(folder, HalfBillion.Shape, file);
        return await LlamaPeer.StartAsync(llama, file, threads, Batches[^1], Prompt + Tokens + 8);
    }

    private static string Ours(int batch) => $"{batch} at once";

    private static string Theirs(int batch) => $"{batch} at once, llama.cpp";

    private static int BatchOf(string name) => int.Parse(name.Split(' ')[0]);
}
