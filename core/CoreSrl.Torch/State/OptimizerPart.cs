using System.Reflection;
using System.Text.Json.Nodes;
using CoreSrl.Abstractions;
using TorchSharp.Modules;
using static TorchSharp.torch.optim;

namespace CoreSrl.Torch;

/// <summary>An optimizer: what it remembers of each parameter, and the options of each group of parameters.</summary>
internal sealed class OptimizerPart : IRemembering
{
    private readonly OptimizerHelper _optimizer;
    private readonly IReadOnlyList<FieldInfo> _own;
    private readonly ParameterMemory _memory;
    private readonly IReadOnlyList<string> _names;
    private readonly IReadOnlyList<string> _tensorNames;

    /// <summary>Looks at an optimizer, given the prefix of its tensors' names, and the prefix and name of each parameter.</summary>
    /// <exception cref="ArgumentException">It cannot be stored; the message names it.</exception>
    public OptimizerPart(
        string label, string prefix, OptimizerHelper optimizer, IReadOnlyDictionary<TensorIdentity, (string Prefix, string Name)> names)
    {
        (Label, _optimizer) = (label, optimizer);
        _own = PlainFields.Below(typeof(OptimizerHelper), optimizer.GetType());
        ParameterMemory.Refuse(_own, optimizer.GetType(), label);
        var states = optimizer.state_dict();
        foreach (var options in states.Options)
            ParameterMemory.Refuse(OptionFields(options), optimizer.GetType(), label);
        _memory = new(states.State.Select(state => state.GetType()).Distinct().ToList() is [var only] ? only : throw new ArgumentException(
            $"{label} has no parameters, or states of several classes, so its state cannot be stored."), label);
        var occurrences = new Dictionary<string, int>();
        var found = optimizer.parameters().Select(parameter => names[TensorIdentity.Of(parameter)]).Select(name =>
        {
            var number = occurrences[name.Prefix + name.Name] = occurrences.GetValueOrDefault(name.Prefix + name.Name) + 1;
            return number == 1 ? name : (name.Prefix, Name: $"{name.Name} ({number})"); // TorchSharp's optimizers may hold tied weights twice
        }).ToList();
        _names = [.. found.Select(name => name.Prefix + name.Name)];
        _tensorNames = [.. found.Select(name => (name.Prefix == prefix ? "" : prefix) + name.Prefix + name.Name)];
    }

    /// <inheritdoc/>
    public string Label { get; }

    /// <inheritdoc/>
    public string Kind => _optimizer.GetType().Name;

    /// <summary>A window on each tensor that it has now: <c>fc1.weight.exp_avg</c>.</summary>
    public IEnumerable<StateTensor> Windows() =>
        from entry in States().State.Zip(_tensorNames)
        from tensor in _memory.Tensors(entry.First)
        select new TorchTensor(TensorPart.OptimizerState, $"{entry.Second}.{tensor.Field}", tensor.Tensor);

    /// <inheritdoc/>
    public JsonObject Capture()
    {
        var states = States();
        return new()
        {
            ["kind"] = Kind,
            ["options"] = PlainFields.Capture(_optimizer, _own),
            ["groups"] = new JsonArray([.. states.Options.Select((options, group) => new JsonObject
            {
                ["options"] = PlainFields.Capture(options, OptionFields(options)),
                ["parameters"] = new JsonObject(states.StateIndexRef[group]
                    .Select(i => KeyValuePair.Create(_names[i], (JsonNode?)_memory.Capture(states.State[i])))),
            })]),
        };
    }

    /// <inheritdoc/>
    public Action Prepare(JsonNode? stored)
    {
        var state = StoredJson.ObjectOf(stored, ["kind", "options", "groups"], Label);
        if (StoredJson.TextOf(state["kind"], Label) is var kind && kind != Kind)
            throw new FormatException($"{Label} is {Kind}; the stored state is that of {kind}.");
        var states = States();
        var groups = StoredJson.ArrayOf(state["groups"], states.Options.Count, "groups of parameters", Label);
        return groups.Select((group, i) => PrepareGroup(states, i, group))
            .Prepend(PlainFields.Prepare(_optimizer, _own, state["options"], Label)).InTurn();
    }

    private static IReadOnlyList<FieldInfo> OptionFields(OptimizerOptions options) => PlainFields.Below(typeof(object), options.GetType());

    private Action PrepareGroup(Optimizer.StateDictionary states, int index, JsonNode? stored)
    {
        var where = $"{Label}, group {index}";
        var group = StoredJson.ObjectOf(stored, ["options", "parameters"], where);
        var members = states.StateIndexRef[index];
        var memories = StoredJson.ObjectOf(group["parameters"], members.Select(i => _names[i]), $"{where}, parameters");
        var devices = _optimizer.parameters().Select(parameter => parameter.device).ToList();
        return members.Select(i => _memory.Prepare(states.State[i], devices[i], memories[_names[i]], $"{Label}, {_names[i]}"))
            .Prepend(PlainFields.Prepare(states.Options[index], OptionFields(states.Options[index]), group["options"], $"{where}, options"))
            .InTurn();
    }

    private Optimizer.StateDictionary States()
    {
        var states = _optimizer.state_dict();
        if (states.State.Count == _names.Count)
            return states;
        throw new InvalidOperationException(
            $"{Label} had {_names.Count} parameters when this state was made and has {states.State.Count} now: make a new TorchState.");
    }
}
