using System.Text.Json.Nodes;
using CoreSrl.Abstractions;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CoreSrl.Torch;

/// <summary>The parameters and persistent buffers of modules, and the parameters that only an optimizer holds, each once.</summary>
/// <remarks>They are looked up at each capture: a buffer, or a parameter after <c>module.to(...)</c>, may be another tensor than before.</remarks>
internal sealed class WeightTable
{
    private readonly IReadOnlyList<(string Prefix, nn.Module Module)> _modules;
    private readonly IReadOnlyList<(string Prefix, OptimizerHelper Optimizer)> _optimizers;
    private readonly HashSet<string> _frozen;

    public WeightTable(
        IReadOnlyList<(string Prefix, nn.Module Module)> modules, IReadOnlyList<(string Prefix, OptimizerHelper Optimizer)> optimizers)
    {
        (_modules, _optimizers) = (modules, optimizers);
        _frozen = FrozenNames();
    }

    /// <summary>The prefix and the name of each.</summary>
    public Dictionary<TensorIdentity, (string Prefix, string Name)> Names() =>
        All().ToDictionary(weight => TensorIdentity.Of(weight.Tensor), weight => (weight.Prefix, weight.Name));

    /// <summary>A window on each of them.</summary>
    /// <exception cref="InvalidOperationException">A frozen parameter is trained now.</exception>
    public IEnumerable<StateTensor> Windows() => All().Select(Window);

    /// <summary>A window on each that is frozen.</summary>
    /// <exception cref="InvalidOperationException">One is trained now.</exception>
    public IEnumerable<StateTensor> Frozen() => _frozen.Count == 0 ? [] : All().Where(IsFrozen).Select(Window);

    /// <summary>Their names and forms.</summary>
    public IEnumerable<KeyValuePair<string, JsonNode?>> Architecture() => All().Select(weight => KeyValuePair.Create(
        $"{(weight.IsParameter ? "parameter" : "buffer")} {weight.FullName}",
        (JsonNode?)$"{TensorForm.Of(weight.Tensor)}{(IsFrozen(weight) ? " frozen" : "")}"));

    // A module nothing in which is trained is a copy that follows another (a target network, an average), so none of it is frozen.
    private HashSet<string> FrozenNames()
    {
        var updated = _optimizers.SelectMany(pair => pair.Optimizer.parameters()).Select(TensorIdentity.Of).ToHashSet();
        bool Trained(Parameter parameter) => parameter.requires_grad || updated.Contains(TensorIdentity.Of(parameter));
        return [.. from pair in _modules
                   let parameters = pair.Module.named_parameters().ToList()
                   where parameters.Any(entry => Trained(entry.parameter))
                   from entry in parameters
                   where !Trained(entry.parameter)
                   select pair.Prefix + entry.name];
    }

    private bool IsFrozen(Weight weight) => weight.IsParameter && _frozen.Contains(weight.FullName);

    private StateTensor Window(Weight weight)
    {
        var frozen = IsFrozen(weight);
        return frozen && weight.Tensor.requires_grad
            ? throw new InvalidOperationException(
                $"Parameter {weight.FullName} was frozen when this state was made and requires a gradient now: make a new TorchState.")
            : new TorchTensor(frozen ? TensorPart.Frozen : TensorPart.Weights, weight.FullName, weight.Tensor);
    }

    private IEnumerable<Weight> All()
    {
        var seen = new HashSet<TensorIdentity>();
        foreach (var (prefix, module) in _modules)
        {
            foreach (var (name, parameter) in module.named_parameters())
            {
                if (seen.Add(TensorIdentity.Of(parameter)))
                    yield return new(prefix, name, true, parameter);
            }

            foreach (var (name, buffer) in module.named_buffers(include_nonpersistent: false))
            {
                if (seen.Add(TensorIdentity.Of(buffer)))
                    yield return new(prefix, name, false, buffer);
            }
        }

        foreach (var (prefix, optimizer) in _optimizers)
        {
            foreach (var (i, parameter) in optimizer.parameters().Index())
            {
                if (seen.Add(TensorIdentity.Of(parameter)))
                    yield return new(prefix, $"parameters.{i}", true, parameter);
            }
        }
    }

    private readonly record struct Weight(string Prefix, string Name, bool IsParameter, Tensor Tensor)
    {
        public string FullName => Prefix + Name;
    }
}
