using System.CommandLine;
using System.CommandLine.Parsing;
using CoreSrl.Benchmarks.Harness;
using CoreSrl.Torch;

namespace CoreSrl.Benchmarks.Checkpoint;

/// <summary><c>checkpoint</c>: what saving and loading cost beside what the machine and others need for the same bytes.</summary>
internal static class CheckpointCommand
{
    private const int LeastRuns = 5;

    public static Command Create()
    {
        var command = new Command("checkpoint", "What saving and loading cost, beside memcpy, plain files, TorchSharp and PyTorch.");
        var json = new Option<bool>("--json") { Description = "Print one JSON document." };
        var runs = new Option<int>("--runs") { Description = $"How many rounds count, after one that warms up; at least {LeastRuns}.", DefaultValueFactory = _ => 7 };
        var size = new Option<long>("--size")
        {
            Description = "How many bytes of large tensors, such as 256MiB, 1GiB or 2.5GiB.",
            HelpName = "SIZE",
            CustomParser = ParseSize,
            DefaultValueFactory = _ => 1L << 30,
        };
        var peer = new Option<string?>("--peer") { Description = "A Python interpreter that has PyTorch, to measure torch.save and torch.load, too.", HelpName = "PYTHON" };
        runs.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < LeastRuns)
                result.AddError($"--runs must be at least {LeastRuns}: a median of fewer says little.");
        });
        foreach (var option in new Option[] { size, runs, peer, json })
            command.Options.Add(option);
        command.SetAction(async parsed =>
        {
            try
            {
                var report = await MeasureAsync(parsed.GetValue(size), parsed.GetValue(runs), parsed.GetValue(peer));
                report.Write(parsed.GetValue(json));
                return 0;
            }
            catch (PeerException e)
            {
                await Console.Error.WriteLineAsync(e.Message);
                return 1;
            }
        });
        return command;
    }

    private static async Task<CheckpointReport> MeasureAsync(long size, int runs, string? python)
    {
        TorchRuntime.Initialize(Environment.ProcessorCount);
        return new(await MeasureAsync(Workload.Large(size), runs, python), await MeasureAsync(Workload.Small(), runs, python), await ManyCheckpoints.MeasureAsync(runs, Tell));
    }

    private static async Task<WorkloadResult> MeasureAsync(Workload workload, int runs, string? python)
    {
        using (workload)
            return await WorkloadRun.MeasureAsync(workload, runs, python, Tell);
    }

    // It takes minutes; whoever watches sees how far it is.
    private static void Tell(string progress) => Console.Error.WriteLine(progress);

    private static long ParseSize(ArgumentResult result)
    {
        var text = result.Tokens.Single().Value;
        if (ByteSize.Parse(text) is { } bytes)
            return bytes;
        result.AddError($"--size '{text}' is no size from 1MiB up to 1024GiB; write it as 256MiB, 1GiB or 2.5GiB.");
        return 0;
    }
}
