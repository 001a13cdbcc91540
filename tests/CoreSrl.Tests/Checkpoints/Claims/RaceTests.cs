using CoreSrl.Checkpoints;
using CoreSrl.Checkpoints.Claims;
using CoreSrl.Tests.Fakes;
using CoreSrl.Tests.Storage;

namespace CoreSrl.Tests.Checkpoints.Claims;

/// <summary>Many want one directory at once: one gets it.</summary>
public sealed class RaceTests : IDisposable
{
    private const int Racers = 32;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Beginnings => ["nothing is there", "its holder gave it free", "its holder is dead", "its holder, elsewhere, is silent"];

    [Theory]
    [MemberData(nameof(Beginnings))]
    public async Task Of_many_that_open_a_directory_at_once_one_gets_it_and_after_it_one_more(string beginning)
    {
        await BeginAsync(beginning);
        await using (var winner = await RaceAsync())
            await await winner.SaveAsync(1, null, new TestModel(1, new()));
        await using var next = await RaceAsync();
        Assert.Single(next.Checkpoints);
        await await next.SaveAsync(2, null, new TestModel(1, new()));
    }

    [Fact]
    public async Task Of_several_processes_one_gets_it_and_after_its_death_one_more()
    {
        var processes = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => ClaimingProcess.StartAsync(_folder.Path)));
        try
        {
            var winner = await RaceAsync(processes);
            await winner.KillAsync();
            var next = await RaceAsync([.. processes.Except([winner])]);
            await next.CloseAsync();
            await RaceAsync([.. processes.Except([winner, next])]);
        }
        finally
        {
            foreach (var process in processes)
                process.Dispose();
        }
    }

    private static async Task<ClaimingProcess> RaceAsync(IReadOnlyList<ClaimingProcess> processes)
    {
        var answers = await Task.WhenAll(processes.Select(async process => (process, Answer: await process.OpenAsync())));
        var (winner, _) = Assert.Single(answers, answer => answer.Answer == "taken");
        Assert.All(answers.Where(answer => answer.process != winner), answer => Assert.Contains(
            $" is in use by process {winner.Id} on host '{Environment.MachineName}', which has held it for ", answer.Answer, StringComparison.Ordinal));
        return winner;
    }

    /// <summary>Opens the directory many times at once.</summary>
    /// <returns>Who got it.</returns>
    private async Task<CheckpointManager> RaceAsync()
    {
        var start = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var racing = Enumerable.Range(0, Racers).Select(async _ =>
        {
            await start.Task;
            try
            {
                return await CheckpointManager.OpenAsync(StorageCalls.Open(_folder.Path));
            }
            catch (DirectoryInUseException)
            {
                return null;
            }
        }).ToList();
        start.SetResult();
        return Assert.Single(await Task.WhenAll(racing), manager => manager is not null)!;
    }

    private async Task BeginAsync(string beginning)
    {
        if (beginning == "nothing is there")
            return;
        var record = new ClaimRecord { Id = "before", RunName = "before", Holder = AnothersStorage.Elsewhere("old"), Claimed = default };
        record = beginning switch
        {
            "its holder gave it free" => record with { Released = true },
            "its holder is dead" => record with { Holder = AnothersStorage.Dead },
            _ => record,
        };
        await File.WriteAllBytesAsync(_folder["claim.json"], record.ToFile());
        if (!record.Released)
            File.SetLastWriteTimeUtc(_folder["claim.json"], DateTime.UtcNow.AddMinutes(-2));
    }
}
