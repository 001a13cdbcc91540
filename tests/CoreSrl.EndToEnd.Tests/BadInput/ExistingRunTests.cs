using System.Runtime.CompilerServices;
using CoreSrl.EndToEnd.Tests.Processes;

namespace CoreSrl.EndToEnd.Tests.BadInput;

/// <summary>What does not fit the run that a directory holds already.</summary>
public class ExistingRunTests(ExistingRunTests.Run run) : IClassFixture<ExistingRunTests.Run>
{
    [Fact]
    public Task Show_suggests_the_nearest_checkpoint() => Refusal.CheckInAsync(run.Folder, $"show {run.FinalId.Replace("final", "finl", StringComparison.Ordinal)} --dir checkpoints");

    [Fact]
    public Task Fresh_refuses_a_directory_that_holds_a_run_and_names_it() => RefusedAsync("--fresh");

    [Fact]
    public Task Other_models_are_named_with_those_of_the_checkpoint() => RefusedAsync("--set Models:1:Id=another");

    [Fact]
    public Task Options_that_changed_a_models_shape_are_told_with_both_values() =>
        RefusedAsync("--set Models:0:LoraRank=4 --set Models:1:Layers=1 --set Models:1:BaseSeed=8");

    [Fact]
    public Task Another_run_name_is_told_with_the_runs_own() => RefusedAsync("--set Training:RunName=another");

    [Fact]
    public Task Another_run_name_is_told_with_the_setting_that_says_the_folder() =>
        Refusal.CheckInAsync(run.Folder, "train --json --set Checkpoints:Storage:Directory=checkpoints --set Training:RunName=another");

    [Fact]
    public Task Another_number_of_threads_is_told_with_the_runs_own() => RefusedAsync("--set Training:Threads=2");

    private Task RefusedAsync(string options, [CallerMemberName] string test = "") =>
        Refusal.CheckInAsync(run.Folder, $"train --json --dir checkpoints --set Training:MaxEpisodes=4 {options}", test: test);

    /// <summary>A directory that holds a run.</summary>
    public sealed class Run : IAsyncLifetime, IDisposable
    {
        private readonly TemporaryFolder _folder = new();

        public string Folder => _folder.Path;

        public string FinalId => Path.GetFileName(Directory.GetDirectories(_folder.File("checkpoints"), "final_*").Single());

        public async Task InitializeAsync() =>
            (await Srl.RunAsync(Folder, "train", "--dir", "checkpoints", "--set", "Training:MaxEpisodes=2")).Succeeded();

        public Task DisposeAsync() => Task.CompletedTask;

        public void Dispose() => _folder.Dispose();
    }
}
