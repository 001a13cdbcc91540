using System.CommandLine;
using System.CommandLine.Completions;
using CoreSrl.Checkpoints;

namespace CoreSrl.Cli.Commands;

/// <summary>The ids of checkpoints: what may stand for one, and all there are for a shell that completes one.</summary>
internal static class CheckpointIds
{
    /// <summary>What may stand for a checkpoint, for a description.</summary>
    public const string Choices = "latest, best, best:METRIC, final, episode:150, or an id as 'srl list' shows it";

    /// <summary>Whoever waits for a completion does not wait long, and wants to hear of no failure.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>The id of the checkpoint that is meant; one that is damaged is meant by its id alone.</summary>
    /// <exception cref="KeyNotFoundException">There is none; the message suggests the nearest.</exception>
    /// <exception cref="DamagedCheckpointException">One that is damaged may be it.</exception>
    public static string IdOf(this CheckpointManager manager, string choice) =>
        manager.Damaged.Any(damage => damage.CheckpointId == choice) ? choice : manager.Choose(choice).Id;

    /// <summary>Completes an argument with the checkpoints of the directory that the rest of the line says.</summary>
    public static void CompleteFrom(this Argument argument, ConfigurationArguments configuration) => argument.CompleteFrom(
        parsed => CheckpointDirectory.OpenAsync(configuration.LoadExisting(parsed)));

    /// <summary>Completes an argument with the checkpoints of a directory.</summary>
    /// <param name="argument">The argument.</param>
    /// <param name="open">Opens the directory that the rest of the line says.</param>
    public static void CompleteFrom(this Argument argument, Func<ParseResult, Task<CheckpointDirectory>> open) =>
        argument.CompletionSources.Add(context => Of(() => open(context.ParseResult)));

    private static IEnumerable<CompletionItem> Of(Func<Task<CheckpointDirectory>> open)
    {
        var reading = Task.Run(async () =>
        {
            await using var directory = await open();
            return directory.Manager.Checkpoints;
        });
        try
        {
            // In the order of 'srl list', which the sort text keeps.
            return reading.Wait(Patience) ? [.. reading.Result.Select((saved, index) => new CompletionItem(saved.Id, sortText: $"{index:D9}"))] : [];
        }
        catch (AggregateException)
        {
            return [];
        }
    }
}
