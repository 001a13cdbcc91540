using System.CommandLine;
using CoreSrl.Benchmarks.Harness;
using CoreSrl.Torch;

namespace CoreSrl.Benchmarks.Language;

/// <summary><c>language</c>: how fast a model of half a billion parameters writes and learns, beside llama.cpp and PyTorch where they are.</summary>
internal static class LanguageCommand
{
    private const int Threads = 2;

    public static Command Create()
    {
        var command = new Command("language", "How fast a random model of half a billion parameters in bfloat16 writes, and what a step of GRPO costs it.");
        var json = new Option<bool>("--json") { Description = "Print one JSON document." };
        var runs = new Option<int>("--runs") { Description = "How many rounds are timed after the warm-up.", DefaultValueFactory = _ => 3 };
        var llama = new Option<string?>("--llama") { Description = "Write with llama.cpp by turns: a folder in which 'npm install --ignore-scripts node-llama-cpp' was run." };
        var python = new Option<string?>("--peer") { Description = "Take the same step of GRPO in PyTorch by turns: a Python that has it." };
        var only = new Option<string?>("--only") { Description = "writing or learning." };
        only.AcceptOnlyFromAmong("writing", "learning");
        var frugal = new Option<bool>("--frugal") { Description = "Learn with GradientCheckpointing: each layer is computed twice, for less memory." };
        foreach (var option in new Option[] { json, runs, llama, python, only, frugal })
            command.Options.Add(option);
        command.SetAction(async parsed =>
        {
            try
            {
                Report.Write("language", await MeasureAsync(parsed.GetValue(runs), parsed.GetValue(llama), parsed.GetValue(python), parsed.GetValue(only), parsed.GetValue(frugal)), parsed.GetValue(json));
                return 0;
            }
            catch (PeerException e)
            {
                await Console.Error.WriteLineAsync(e.Message);
                return 2;
            }
        });
        return command;
    }

    private static async Task<IReadOnlyList<Measurement>> MeasureAsync(int runs, string? llama, string? python, string? only, bool isFrugal)
    {
        TorchRuntime.Initialize(Threads);
        using var folder = new TemporaryFolder();
        Say("writing the model");
        var path = Path.Combine(folder.Path, "half-billion");
        await HalfBillion.WriteAsync(path);
        var measurements = new List<Measurement>();
        if (only != "learning")
            measurements.AddRange(await WritingSpeed.MeasureAsync(path, Threads, runs, llama, Say));
        if (only != "writing")
            measurements.AddRange(await GroupStep.MeasureAsync(path, Threads, runs, python, isFrugal, Say));
        return measurements;
    }

    private static void Say(string what) => Console.Error.WriteLine($"language: {what}");
}
