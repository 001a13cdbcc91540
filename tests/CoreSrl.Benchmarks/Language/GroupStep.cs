using System.Diagnostics;
using CoreSrl.Abstractions;
using CoreSrl.Benchmarks.Checkpoint;
using CoreSrl.Benchmarks.Harness;
using CoreSrl.Checkpoints;
using CoreSrl.Plugins.LocalStorage;

namespace CoreSrl.Benchmarks.Language;

/// <summary>One step of GRPO: a group of eight answers is drawn, learned from in one pass with the divergence from the base, and a checkpoint is
/// taken. The memory is what the process holds at most, beyond what it held before there was a model.</summary>
internal static class GroupStep
{
    private const int Group = 8;

    private static readonly LearningSettings Settings = new() { KlCoefficient = 0.04, EntropyCoefficient = 0, LearningRate = 1e-5 };

    public static async Task<IReadOnlyList<Measurement>> MeasureAsync(string folder, int threads, int runs, string? python, bool isFrugal, Action<string> progress)
    {
        await using var peer = python is null ? null : await GroupStepPeer.StartAsync(python, folder, threads);
        using var memory = new MemoryPeak();
        await using var model = await WritingSpeed.CreateAsync(folder, threads, isFrugal);
        await using var manager = await CheckpointManager.OpenAsync(LocalStorage.In(Path.Combine(folder, "checkpoints")), new() { SaveInterval = 1, MaxCheckpoints = 1 });
        var step = 0L;
        var probes = new List<Probe>
        {
            new(["sampling", "learning", "checkpoint hold-up", "the whole step"], async () =>
            {
                var clock = Stopwatch.StartNew();
                var requests = WritingSpeed.Requests(1);
                var answers = await model.ActAsync([.. Enumerable.Range(0, Group).Select(i => requests[0] with { Seed = (ulong)(i + (Group * step)) })], CancellationToken.None);
                var sampled = clock.Elapsed;
                var batch = new LearningBatch([.. answers.Select((answer, i) => new Experience(requests[0].Observation, answer, 0, i % 2 == 0 ? 1 : -1))], Settings, 7);
                await model.LearnAsync(batch, CancellationToken.None);
                var learned = clock.Elapsed;
                var save = await manager.SaveAsync(++step, null, model);
                var held = clock.Elapsed;
                await save; // Behind training, where there is a next step.
                return [sampled, learned - sampled, held - learned, held];
            }),
        };
        if (peer is not null)
            probes.Add(new(["sampling, PyTorch", "learning, PyTorch", "the whole step without checkpoint, PyTorch"], () => peer.StepAsync()));
        var times = await Interleaved.TakeAsync(probes, runs, progress);
        return
        [
            .. times.Select(time => time with { Name = $"GRPO step, {Group} answers: {time.Name}" }),
            new($"GRPO step, {Group} answers: memory", "MiB", [memory.Extra / (double)(1 << 20)]),
            .. peer is null ? [] : (Measurement[])[new($"GRPO step, {Group} answers: memory, PyTorch {peer.Version}", "MiB", [await peer.MemoryAsync()])],
        ];
    }
}
