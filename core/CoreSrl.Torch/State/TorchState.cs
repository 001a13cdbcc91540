using System.Collections.Immutable;
using System.Text.Json.Nodes;
using CoreSrl.Abstractions;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.optim.lr_scheduler;

namespace CoreSrl.Torch;

/// <summary>
/// The whole state of a training loop that uses TorchSharp, so that it can be saved and brought back to the same bits:
/// <c>TorchState.Of(module, optimizer)</c>.
/// </summary>
/// <remarks>
/// <para>What belongs to it: every parameter and persistent buffer of the modules, those parameters that only an optimizer holds, all
/// that the optimizers and schedulers remember, the generators given, and always torch's own generator on the CPU (dropout and
/// <c>randn</c> go on where they were). What does not: gradients (save after a step, not while they add up), whether a module is training
/// or evaluating, functions that a scheduler computes with, and torch's generator on a GPU, which TorchSharp (0.107) cannot read: seed it
/// from the step, with <c>torch.manual_seed</c>, at the beginning of each step that draws from it.</para>
/// <para>A restore brings learning rates and other options back too, as PyTorch's <c>load_state_dict</c> does: to change one, set it after
/// the restore.</para>
/// <para>A parameter is frozen if, when this is made, it requires no gradient, is in no optimizer given, and its module has others that
/// are trained. It is stored once and never copied again. Make a new <see cref="TorchState"/> after unfreezing one, adding parameters to
/// an optimizer or changing a module's parts; a capture that notices such a change fails. A module without anything trained (a target
/// network, a moving average) counts as changing, so it is copied at each save.</para>
/// <para>Names: a parameter keeps that of its module, <c>fc1.weight</c>, and an optimizer's tensor is called <c>fc1.weight.exp_avg</c>.
/// Several parts of one kind get their number among their kind in front, <c>0.fc1.weight</c>, and parts given to <see cref="With"/> the
/// name given there, <c>critic.fc1.weight</c>. A parameter that only an optimizer holds is called <c>parameters.</c> and its number in it.
/// An optimizer's tensors get both its and the parameter's prefix where these differ. A parameter that two names stand for (tied weights)
/// is stored once, under the first.</para>
/// </remarks>
public sealed class TorchState : IStateful
{
    private readonly ImmutableArray<(string Group, object Part)> _parts;
    private readonly WeightTable _weights;
    private readonly ImmutableArray<OptimizerPart> _optimizers;
    private readonly ImmutableArray<IRemembering> _remembering;
    private readonly FrozenGuard _guard = new();

    private TorchState(ImmutableArray<(string Group, object Part)> parts)
    {
        _parts = parts;
        var named = PartName.Of(parts);
        var optimizers = OfKind<OptimizerHelper>(named);
        _weights = new(OfKind<nn.Module>(named), optimizers);
        var weightNames = _weights.Names();
        _remembering =
        [
            .. named.Select(part => part.Part switch
            {
                OptimizerHelper optimizer => new OptimizerPart(part.Name.Label, part.Name.Prefix, optimizer, weightNames),
                LRScheduler scheduler => new SchedulerPart(part.Name.Label, scheduler, [.. optimizers.Select(pair => pair.Item2)]),
                Generator generator => new GeneratorPart(part.Name.Label, generator),
                _ => (IRemembering?)null,
            }).OfType<IRemembering>(),
            new GeneratorPart("torch", null),
        ];
        _optimizers = [.. _remembering.OfType<OptimizerPart>()];
        var names = Tensors.GroupBy(tensor => (tensor.Part == TensorPart.OptimizerState, tensor.Info.Name));
        if (names.FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new ArgumentException($"Two tensors are called {twice.Key.Name}: give the parts other names, using With.", nameof(parts));
        Description = new()
        {
            Kind = "torch",
            Architecture = new([
                .. _weights.Architecture(),
                .. _remembering.Where(part => part is not GeneratorPart).Select(part => KeyValuePair.Create(part.Label, (JsonNode?)part.Kind)),
            ]),
        };
    }

    /// <inheritdoc/>
    public ModelDescription Description { get; }

    /// <inheritdoc/>
    public IReadOnlyList<StateTensor> Tensors => [.. _weights.Windows(), .. _optimizers.SelectMany(optimizer => optimizer.Windows())];

    /// <summary>The state of a training loop's parts, in an order that is the same each time.</summary>
    /// <param name="parts">
    /// Modules; optimizers (all of TorchSharp's but LBFGS, and any other whose state is tensors and numbers); learning rate schedulers;
    /// <see cref="Generator"/>s. Their owner still disposes them.
    /// </param>
    /// <exception cref="ArgumentException">A part is something else, or its state cannot be stored exactly; the message says why.</exception>
    /// <exception cref="NotSupportedException">A tensor has an element type that a checkpoint cannot hold.</exception>
    public static TorchState Of(params object[] parts) => new(Checked("", parts));

    /// <summary>This and more parts, whose tensors' names begin with a name.</summary>
    /// <param name="name">Such as <c>critic</c>.</param>
    /// <param name="parts">As in <see cref="Of"/>.</param>
    /// <exception cref="ArgumentException">As in <see cref="Of"/>, or the name is empty or taken.</exception>
    /// <exception cref="NotSupportedException">As in <see cref="Of"/>.</exception>
    public TorchState With(string name, params object[] parts)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return _parts.Any(part => part.Group == name)
            ? throw new ArgumentException($"There are parts called {name} already.", nameof(name))
            : new(_parts.AddRange(Checked(name, parts)));
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">What was frozen has changed, or an optimizer has other parameters than it had.</exception>
    public JsonObject CaptureState()
    {
        _guard.Check(_weights.Frozen());
        return new(_remembering.Select(part => KeyValuePair.Create(part.Label, (JsonNode?)part.Capture())));
    }

    /// <inheritdoc/>
    /// <remarks>Nothing is changed if it throws.</remarks>
    public void RestoreState(JsonObject state)
    {
        var stored = StoredJson.ObjectOf(state, _remembering.Select(part => part.Label), "The training loop");
        _remembering.Select(part => part.Prepare(stored[part.Label])).InTurn()();
        _guard.Forget();
    }

    private static List<(string Prefix, T Part)> OfKind<T>(IEnumerable<(PartName Name, object Part)> named) =>
        [.. named.Where(part => part.Part is T).Select(part => (part.Name.Prefix, (T)part.Part))];

    private static ImmutableArray<(string Group, object Part)> Checked(string group, object[] parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        if (parts.Length == 0)
        {
            throw new ArgumentException(
                "There is nothing to store: give modules, optimizers, learning rate schedulers or generators.", nameof(parts));
        }

        return [.. parts.Select(part => (group, part))];
    }
}
