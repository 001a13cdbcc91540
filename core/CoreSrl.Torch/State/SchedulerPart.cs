using System.Collections;
using System.Reflection;
using System.Text.Json.Nodes;
using static TorchSharp.torch.optim;
using static TorchSharp.torch.optim.lr_scheduler;

namespace CoreSrl.Torch;

/// <summary>A learning rate scheduler, and those inside it: every number in its fields.</summary>
/// <remarks>What it computes with (functions, the optimizer) the program gives again when it makes the scheduler anew.</remarks>
internal sealed class SchedulerPart : IRemembering
{
    private readonly LRScheduler _scheduler;
    private readonly IReadOnlyList<FieldInfo> _plain;
    private readonly IReadOnlyList<SchedulerPart> _inner;

    /// <summary>Looks at a scheduler, which must drive one of the optimizers whose state is stored.</summary>
    /// <exception cref="ArgumentException">It cannot be stored; the message names it.</exception>
    public SchedulerPart(string label, LRScheduler scheduler, IReadOnlyCollection<Optimizer> optimizers)
    {
        (Label, _scheduler) = (label, scheduler);
        var fields = PlainFields.Below(typeof(object), scheduler.GetType());
        foreach (var optimizer in fields.Select(field => field.GetValue(scheduler)).OfType<Optimizer>())
        {
            if (!optimizers.Contains(optimizer))
                throw new ArgumentException($"{label} drives an optimizer that is no part of the state: give that {optimizer.GetType().Name} too.");
        }

        _plain = [.. fields.Where(field => PlainValue.Holds(field.FieldType))];
        _inner = [.. fields.Except(_plain).Where(field => !IsGivenAnew(field))
            .SelectMany(field => Inner(field)).Select((inner, i) => new SchedulerPart($"{label}, scheduler {i}", inner, optimizers))];
    }

    /// <inheritdoc/>
    public string Label { get; }

    /// <inheritdoc/>
    public string Kind => _scheduler.GetType().Name;

    /// <inheritdoc/>
    public JsonObject Capture()
    {
        var state = new JsonObject { ["kind"] = Kind, ["fields"] = PlainFields.Capture(_scheduler, _plain) };
        if (_inner.Count > 0)
            state["schedulers"] = new JsonArray([.. _inner.Select(inner => inner.Capture())]);
        return state;
    }

    /// <inheritdoc/>
    public Action Prepare(JsonNode? stored)
    {
        var state = StoredJson.ObjectOf(stored, _inner.Count > 0 ? ["kind", "fields", "schedulers"] : ["kind", "fields"], Label);
        if (StoredJson.TextOf(state["kind"], Label) is var kind && kind != Kind)
            throw new FormatException($"{Label} is a {Kind}; the stored state is that of a {kind}.");
        var fields = PlainFields.Prepare(_scheduler, _plain, state["fields"], Label);
        if (_inner.Count == 0)
            return fields;
        var inner = StoredJson.ArrayOf(state["schedulers"], _inner.Count, "schedulers", Label);
        return _inner.Select((part, i) => part.Prepare(inner[i])).Prepend(fields).InTurn();
    }

    // Functions, the optimizer and its groups, and OneCycleLR's phases, which follow from its constructor's arguments.
    private static bool IsGivenAnew(FieldInfo field)
    {
        var type = field.FieldType.IsGenericType && field.FieldType.IsAssignableTo(typeof(IEnumerable))
            ? field.FieldType.GetGenericArguments()[0] : field.FieldType;
        return type.IsAssignableTo(typeof(Delegate)) || type.IsAssignableTo(typeof(Optimizer))
            || type == typeof(IBetas) || type == typeof(IMomentum)
            || (field.DeclaringType == typeof(impl.OneCycleLR) && field.Name is "_schedule_phases" or "_phase_values");
    }

    private IEnumerable<LRScheduler> Inner(FieldInfo field) => field.GetValue(_scheduler) switch
    {
        LRScheduler inner => [inner],
        IEnumerable<LRScheduler> inner => inner,
        null when field.FieldType.IsAssignableTo(typeof(LRScheduler)) || field.FieldType.IsAssignableTo(typeof(IEnumerable<LRScheduler>)) => [],
        _ => throw new ArgumentException(
            $"{Label}: the state of a {_scheduler.GetType()} cannot be stored, because its field {PlainFields.NameOf(field)} is neither a number, "
            + "a list of numbers, a function nor a scheduler. Leave it out, and set its learning rates yourself after a restore."),
    };
}
