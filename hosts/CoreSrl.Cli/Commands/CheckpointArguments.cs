using System.CommandLine;
using CoreSrl.Abstractions;
using CoreSrl.Checkpoints;
using CoreSrl.Configuration;

namespace CoreSrl.Cli.Commands;

/// <summary>How a command is told which checkpoints to work on: by id, or by what they are.</summary>
internal sealed class CheckpointArguments
{
    private readonly Argument<string[]> _ids = new("id") { Description = $"Which checkpoints, each {CheckpointIds.Choices}.", Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<bool> _final = new("--final") { Description = "Every final checkpoint: the last one of a finished run." };
    private readonly Option<bool> _best = new("--best") { Description = "The newest checkpoint tagged 'best'." };
    private readonly Option<bool> _all = new("--all") { Description = "Every checkpoint." };

    /// <summary>Adds the arguments to a command.</summary>
    public CheckpointArguments(Command command)
    {
        command.Arguments.Add(_ids);
        command.Options.Add(_final);
        command.Options.Add(_best);
        command.Options.Add(_all);
    }

    /// <summary>The argument for ids, to complete it.</summary>
    public Argument Ids => _ids;

    /// <summary>Whether checkpoints are named one by one.</summary>
    public bool IsById(ParseResult parsed) => Named(parsed).Length > 0;

    /// <summary>The ids of the chosen checkpoints of a directory, newest first unless they are named.</summary>
    /// <exception cref="ConfigurationException">It is not said, or said twice, which ones are meant.</exception>
    /// <exception cref="KeyNotFoundException">There is none such.</exception>
    /// <exception cref="DamagedCheckpointException">One that is damaged may be the one that is meant.</exception>
    public IReadOnlyList<string> Of(ParseResult parsed, CheckpointManager manager)
    {
        var ids = Named(parsed);
        var (final, best, all) = (parsed.GetValue(_final), parsed.GetValue(_best), parsed.GetValue(_all));
        if ((ids.Length > 0 ? 1 : 0) + (final ? 1 : 0) + (best ? 1 : 0) + (all ? 1 : 0) != 1)
            throw new ConfigurationException("Say which checkpoints are meant, in one way: by name, --final, --best, or --all.");
        if (ids.Length > 0)
            return [.. ids.Select(manager.IdOf).Distinct()];
        return final ? Which("final checkpoint", manager, saved => saved.Final)
            : best ? [.. Which("checkpoint tagged 'best'", manager, saved => saved.Tags.Contains("best")).Take(1)]
            : Which("checkpoint", manager, _ => true);
    }

    private string[] Named(ParseResult parsed) => parsed.GetValue(_ids) ?? [];

    private static List<string> Which(string what, CheckpointManager manager, Func<SavedCheckpoint, bool> isMeant)
    {
        var ids = manager.Checkpoints.Where(isMeant).Select(saved => saved.Id).ToList();
        return ids.Count > 0 ? ids : throw new KeyNotFoundException($"{manager.Location} holds no {what}.");
    }
}
