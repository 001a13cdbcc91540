using System.Collections.Immutable;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.optim.lr_scheduler;

namespace CoreSrl.Torch;

/// <summary>What a part of a training loop is called, and what its tensors' names begin with.</summary>
/// <param name="Label"><c>optimizer</c>, <c>optimizer 0</c>, <c>optimizer critic</c>, <c>optimizer critic.0</c>.</param>
/// <param name="Prefix">Nothing, <c>0.</c>, <c>critic.</c>, <c>critic.0.</c></param>
internal readonly record struct PartName(string Label, string Prefix)
{
    /// <summary>Names parts: by the name that their group was given, and by their number where a group has several of one kind.</summary>
    /// <exception cref="ArgumentException">One is of no kind that can be stored, or there twice.</exception>
    public static IReadOnlyList<(PartName Name, object Part)> Of(ImmutableArray<(string Group, object Part)> parts)
    {
        if (parts.GroupBy(part => part.Part, ReferenceEqualityComparer.Instance).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new ArgumentException($"The same {KindOf(twice.Key)} ({twice.Key?.GetType()}) is given twice.", nameof(parts));
        var kinds = parts.GroupBy(part => (part.Group, Kind: KindOf(part.Part))).ToDictionary(same => same.Key, same => same.ToList());
        foreach (var optimizer in parts.Select(part => part.Part).OfType<OptimizerHelper>())
        {
            if (optimizer.parameters().Any(parameter => parameter.IsInvalid))
            {
                throw new ArgumentException(
                    $"{optimizer.GetType().Name} holds parameters that are disposed: moving a module makes new ones, so make its optimizer afterwards.",
                    nameof(parts));
            }
        }

        return [.. parts.Select(part => (Of(part.Group, KindOf(part.Part), kinds[(part.Group, KindOf(part.Part))], part), part.Part))];
    }

    private static PartName Of(string group, string kind, List<(string Group, object Part)> alike, (string Group, object Part) part)
    {
        var number = alike.Count > 1 ? $"{alike.IndexOf(part)}" : "";
        var name = string.Join('.', new[] { group, number }.Where(word => word.Length > 0));
        return name.Length == 0 ? new(kind, "") : new($"{kind} {name}", $"{name}.");
    }

    private static string KindOf(object? part) => part switch
    {
        nn.Module => "module",
        OptimizerHelper => "optimizer",
        LRScheduler => "scheduler",
        Generator => "generator",
        LBFGS => throw new ArgumentException(
            "LBFGS keeps its history in native code, where it can be neither read nor restored, so training would not go on exactly. "
            + "Leave it out, to begin with a new history after a restore, or use another optimizer.", nameof(part)),
        _ => throw new ArgumentException(
            $"{part?.GetType().ToString() ?? "null"} is no part of a training loop that can be stored. Accepted are modules, optimizers that derive "
            + "from TorchSharp.Modules.OptimizerHelper, learning rate schedulers and torch.Generators.", nameof(part)),
    };
}
