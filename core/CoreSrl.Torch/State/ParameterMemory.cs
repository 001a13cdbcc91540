using System.Reflection;
using System.Text.Json.Nodes;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CoreSrl.Torch;

/// <summary>What optimizers of one class remember of one parameter: tensors, some of which come with the first step, and numbers.</summary>
internal sealed class ParameterMemory
{
    private readonly IReadOnlyList<FieldInfo> _tensors;
    private readonly IReadOnlyList<FieldInfo> _numbers;

    /// <summary>Looks at a class of states.</summary>
    /// <exception cref="ArgumentException">It has a field of another type; the message names it.</exception>
    public ParameterMemory(Type state, string label)
    {
        var fields = PlainFields.Below(typeof(OptimizerState), state);
        _tensors = [.. fields.Where(field => field.FieldType == typeof(Tensor))];
        _numbers = [.. fields.Except(_tensors)];
        Refuse(_numbers, state.DeclaringType ?? state, label);
    }

    /// <summary>Refuses an optimizer with a field that is not plain.</summary>
    /// <exception cref="ArgumentException">There is one.</exception>
    public static void Refuse(IEnumerable<FieldInfo> fields, Type optimizer, string label)
    {
        if (fields.FirstOrDefault(field => !PlainValue.Holds(field.FieldType)) is { } field)
        {
            throw new ArgumentException(
                $"{label}: the state of {optimizer} cannot be stored, because its field {PlainFields.NameOf(field)} is of type {field.FieldType}. "
                + "An optimizer's state must be tensors and numbers.");
        }
    }

    /// <summary>The tensors that there are.</summary>
    public IEnumerable<(string Field, Tensor Tensor)> Tensors(OptimizerState state)
    {
        foreach (var field in _tensors)
        {
            if (field.GetValue(state) is not Tensor tensor)
                continue;
            if (!tensor.is_contiguous()) // the same numbers in a row, for the steps that follow as well
            {
                using var scattered = tensor;
                field.SetValue(state, tensor = scattered.contiguous().DetachFromDisposeScope());
            }

            yield return (PlainFields.NameOf(field), tensor);
        }
    }

    /// <summary>The numbers, and each tensor's form or, for one that is not there yet, null.</summary>
    public JsonObject Capture(OptimizerState state)
    {
        var captured = PlainFields.Capture(state, _numbers);
        foreach (var field in _tensors)
            captured.Add(PlainFields.NameOf(field), field.GetValue(state) is Tensor tensor ? TensorForm.Of(tensor).ToString() : null);
        return captured;
    }

    /// <summary>Checks what <see cref="Capture"/> returned, and returns what puts the numbers back and gives the tensors their forms.</summary>
    public Action Prepare(OptimizerState state, Device device, JsonNode? stored, string where)
    {
        var values = StoredJson.ObjectOf(stored, _numbers.Concat(_tensors).Select(PlainFields.NameOf), where);
        return _numbers.Select(field => PlainFields.Prepare(state, field, values[PlainFields.NameOf(field)], $"{where}: {PlainFields.NameOf(field)}"))
            .Concat(_tensors.Select(field =>
            {
                var place = $"{where}: {PlainFields.NameOf(field)}";
                TensorForm? form = values[PlainFields.NameOf(field)] is { } text ? TensorForm.Parse(StoredJson.TextOf(text, place), place) : null;
                return (Action)(() => GiveForm(state, field, form, device));
            })).InTurn();
    }

    private static void GiveForm(OptimizerState state, FieldInfo field, TensorForm? form, Device device)
    {
        var present = (Tensor?)field.GetValue(state);
        if ((present is null ? null : TensorForm.Of(present)) == form)
            return;
        field.SetValue(state, form?.Create(device));
        present?.Dispose();
    }
}
